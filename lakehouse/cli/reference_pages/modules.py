"""The pages of modules: what each says of itself, read from the source; nothing is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

from lakehouse.cli.reference_pages import markdown

INTRO = "Made from the docstrings; names that begin with an underscore are left out."


def pages(root: Path, top: str) -> dict[str, str]:
    """File name -> Markdown, a page for each folder straight below `top` (a room, or a wing of the engine).

    Args:
        root: where the code stands.
        top: `jobs` or `lakehouse`.
    """
    folders = sorted(path for path in (root / top).iterdir() if (path / "__init__.py").is_file())
    return {
        f"code/{top}-{folder.name}.md": markdown.page(
            f"{top}.{folder.name}", INTRO, *(_module(root, path) for path in sorted(folder.rglob("*.py")))
        )
        for folder in folders
    }


def _module(root: Path, path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    parts = [f"### {title}\n\n{markdown.fence(text, 'text')}" for title, text in _public(tree)]
    return "\n".join([f"## {name}", "", markdown.fence(docstring, "text") if docstring else "", *parts])


def _public(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Signature and docstring of each public function and class."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            title = f"`{node.name}`" if isinstance(node, ast.ClassDef) else f"`{node.name}({ast.unparse(node.args)})`"
            yield title, ast.get_docstring(node) or ""


def contents(names: list[str]) -> dict[str, str]:
    """File name -> Markdown of the page that leads to these pages of modules."""
    links = [f"- [{Path(name).stem.replace('-', '.')}]({name})" for name in sorted(names)]
    return {"code.md": markdown.page("Code", INTRO, "\n".join(links))}
