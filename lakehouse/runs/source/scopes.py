"""Which names a function, a lambda or a comprehension binds itself: those are no references to its module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
OWN_SCOPE = (*FUNCTIONS, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)


READ_BY_TEXT = frozenset(("locals", "vars", "dir", "eval", "exec", "query"))  # see variables by their names


@dataclass
class Scope:
    """Names of one scope: bound by itself, and imported by itself (name -> dotted targets).

    Args:
        local: those of `bound` that nothing outside can know: another name for them is no change.
        numbers: of these, in the order in which they were met.
    """

    bound: set[str] = field(default_factory=set)
    imported: dict[str, list[str]] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The place of a local name among those met so far."""
        return self.numbers.setdefault(name, len(self.numbers))


def of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, package: str) -> Scope:
    """The scope of a function's or lambda's body; its arguments belong to it."""
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    inside = [part for one in body for part in within(one)]
    elsewhere = {name for part in inside if isinstance(part, (ast.Global, ast.Nonlocal)) for name in part.names}
    given_names = {argument.arg for argument in arguments if argument}
    imported_names = imports(inside, package)
    bound = (given_names | names_bound(inside)) - elsewhere
    local = set() if _is_read_by_text(node) else assigned(inside) - elsewhere - given_names - imported_names.keys()
    return Scope(bound, imported_names, local)


def of_comprehension(generators: list[ast.comprehension]) -> Scope:
    """The names that the `for` parts of a comprehension bind."""
    names = names_bound([part for one in generators for part in within(one.target)])
    is_read = any(_is_read_by_text(one) for one in generators)
    return Scope(names, local=set() if is_read else set(names))


def assigned(nodes: list[ast.AST]) -> set[str]:
    """Variables that these nodes assign, and that are nothing else to them: no function, class or caught error."""
    variables = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    others = {node.name for node in nodes if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler))}
    matched = {node.name for node in nodes if isinstance(node, (ast.MatchAs, ast.MatchStar))}
    return variables - others - matched


def _is_read_by_text(node: ast.AST) -> bool:
    """Whether something below may look variables up by name, or has a class, whose names are attributes."""
    return any(
        isinstance(part, ast.ClassDef)
        or (isinstance(part, ast.Name) and part.id in READ_BY_TEXT)
        or (isinstance(part, ast.Attribute) and part.attr in READ_BY_TEXT)
        for part in ast.walk(node)
    )


def within(node: ast.AST) -> list[ast.AST]:
    """A node and what is below it, without the insides of functions, classes and comprehensions."""
    inside, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        inside.append(part)
        if not isinstance(part, OWN_SCOPE):
            waiting += reversed([*ast.iter_child_nodes(part)])
    return inside


def names_bound(nodes: list[ast.AST]) -> set[str]:
    """Names that these nodes assign, define or catch."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            names |= {node.name} if node.name else set()
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return names


def imports(nodes: list[ast.AST], package: str) -> dict[str, list[str]]:
    """Imported names and what they stand for, dotted from the root; several where branches import differently.

    Args:
        package: of the module that they stand in, which relative imports start from.
    """
    names: dict[str, list[str]] = {}
    for node in nodes:
        for name, target in imported(node, package):
            if target not in names.setdefault(name, []):
                names[name].append(target)
    return names


def imported(node: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """Name and dotted target of each part of one import; a star gives the name `*`."""
    if isinstance(node, ast.Import):
        for part in node.names:
            yield part.asname or part.name.split(".")[0], part.name if part.asname else part.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        for part in node.names:
            yield part.asname or part.name, base if part.name == "*" else f"{base}.{part.name}"


def imported_modules(node: ast.AST, package: str) -> Iterator[str]:
    """What an import loads, dotted in full: `import a.b` loads a.b, whatever name it binds."""
    if isinstance(node, ast.Import):
        yield from (part.name for part in node.names)
    else:
        yield from (target for _, target in imported(node, package))
