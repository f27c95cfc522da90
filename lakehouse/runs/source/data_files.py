"""Files beside a module that its code names by `__file__`: templates, code that is stored with a model."""

import ast


def named(node: ast.AST) -> list[tuple[int, str]]:
    """Files that this very node names: how many folders above the module's own, and the path below; else []."""
    if not isinstance(node, (ast.BinOp, ast.Call)) or not _has_file(node):
        return []
    below: list[str] = []
    root: ast.AST = node
    while (step := _step(root)) is not None:
        root, text = step
        below.insert(0, text)
    return [(_folders_up(root), "/".join(below))] if below else []


def _step(node: ast.AST) -> tuple[ast.AST, str] | None:
    """One path below a folder: `folder / "text"`, folder.joinpath("text") or file.with_name("text")."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_text(node.right):
        return node.left, str(node.right.value)  # type: ignore[attr-defined]
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if is_method and node.func.attr in ("joinpath", "with_name") and node.args and _is_text(node.args[0]):  # type: ignore
        return node.func.value, str(node.args[0].value)  # type: ignore
    return None


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _has_file(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "__file__" for part in ast.walk(node))


def _folders_up(node: ast.AST) -> int:
    """How far above the module's folder: `.parent` is the folder itself, `.parents[2]` two above it."""
    up = 0
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr == "parent":
            up += 1
        elif isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
            up += int(part.slice.value) + 1 if isinstance(part.slice.value, int) else 0
    return max(up - 1, 0)
