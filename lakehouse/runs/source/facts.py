"""What one file of source says: its definitions with their skeletons and references, and what runs when it is loaded.

All of it is plain data, so that it can be kept by the file's content.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import TypedDict

from lakehouse.runs.source import scopes
from lakehouse.runs.source.scopes import FUNCTIONS
from lakehouse.runs.source.skeleton import Piece, Writer

PLAIN_DECORATORS = (  # they neither register what they decorate nor call it by themselves
    "abstractmethod",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "dataclass",
    "deleter",
    "lru_cache",
    "overload",
    "override",
    "property",
    "setter",
    "staticmethod",
    "wraps",
)
COUNTED_BY_VALUE = ("lakehouse.config.profile.Profile",)  # job_parts takes what their fields hold
PLAIN_BASES = ("object", "Protocol", "Generic", "ABC", "NamedTuple", "TypedDict", "Exception", "Mapping")


class Method(TypedDict):
    """A method; it is always reached with its class where the class's library, or the language, may call it."""

    piece: Piece
    is_always: bool


class Definition(TypedDict):
    """A function, a class or a constant; pieces: more than one where branches define it differently."""

    pieces: list[Piece]
    methods: dict[str, Method]
    bases: list[str]  # dotted; "?" where it cannot be told


class Facts(TypedDict):
    """One module; body: what else runs when it is loaded; loads: modules that loading it loads."""

    definitions: dict[str, Definition]
    body: Piece | None
    imported: dict[str, list[str]]
    loads: list[str]


def of_source(text: str, module: str, is_package: bool) -> Facts:
    """The facts of one file.

    Args:
        module: its dotted name; it only serves to name targets.

    Raises:
        SyntaxError: it is not Python.
    """
    return _Reader(module, is_package, "__file__" in text).read(ast.parse(text))


class _Reader:
    def __init__(self, module: str, is_package: bool, names_files: bool) -> None:
        self.module, self.names_files = module, names_files
        self.package = module if is_package else module.rpartition(".")[0]
        self.names: dict[str, list[str]] = {}
        self.definitions: dict[str, Definition] = {}

    def read(self, tree: ast.Module) -> Facts:
        statements = [s for s in tree.body if not _never_runs(s)]
        inside = [part for s in statements for part in scopes.within(s)]
        imported = scopes.imports(inside, self.package)
        stars = [f"{target}.*" for target in imported.pop("*", [])]
        self.names = {name: list(targets) for name, targets in imported.items()}
        for name in sorted(scopes.names_bound(inside)):
            self.names.setdefault(name, []).append(f"{self.module}.{name}")
        body = self._writer()
        for statement in statements:
            self._statement(statement, body)
        body.refs += stars
        loads = {t for part in inside for t in scopes.imported_modules(part, self.package)}
        has_body = bool(body.words or body.refs)
        return Facts(
            definitions=self.definitions,
            body=body.piece() if has_body else None,
            imported=imported,
            loads=sorted(loads),
        )

    def _writer(self) -> Writer:
        return Writer(self.module, self.package, self.names, self.names_files)

    def _statement(self, statement: ast.stmt, body: Writer) -> None:
        """A definition, or a part of the module's body; a branch that defines names is both."""
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or _is_text(statement):
            return
        if isinstance(statement, ast.ClassDef):
            self._class(statement)
        elif isinstance(statement, FUNCTIONS):
            self._define(statement.name, [statement])
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and (names := _plain_targets(statement)):
            for name in names:
                self._define(name, [statement.value] if statement.value else [], (*names,))
            return
        else:
            for name in sorted(scopes.names_bound(list(scopes.within(statement)))):
                self._define(name, [statement])
            body.write(statement)
        for decorator in getattr(statement, "decorator_list", []):
            if _last_name(decorator) not in PLAIN_DECORATORS:  # it may register what it decorates
                body.write(ast.Name(statement.name, ast.Load()))  # type: ignore[attr-defined]

    def _define(self, name: str, nodes: Iterable[ast.AST], words: tuple[str, ...] = ()) -> None:
        writer = self._writer()
        writer.words += words
        for node in nodes:
            writer.write(node)
        self._definition(name)["pieces"].append(writer.piece())

    def _definition(self, name: str) -> Definition:
        return self.definitions.setdefault(name, Definition(pieces=[], methods={}, bases=[]))

    def _class(self, node: ast.ClassDef) -> None:
        """The class with its fields; each method is a piece of its own."""
        writer, made = self._writer(), self._definition(node.name)
        writer.keeps_annotations = True
        writer.words += ["ClassDef", node.name]
        writer.write([*node.decorator_list, *node.bases, *node.keywords])
        for part in node.body:
            if isinstance(part, FUNCTIONS):
                self._method(made, part)
            elif not self._is_field_by_value(node, part):
                writer.write(_with_hints_read(part))
        made["pieces"].append(writer.piece())
        made["bases"] += [base for one in node.bases for base in self._base(one)]
        made["bases"] += ["?" for _ in node.keywords]  # a metaclass may do anything

    def _is_field_by_value(self, node: ast.ClassDef, part: ast.stmt) -> bool:
        """Whether a field's declaration is no part of any job, since its value is."""
        return isinstance(part, ast.AnnAssign) and f"{self.module}.{node.name}" in COUNTED_BY_VALUE

    def _method(self, made: Definition, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        writer = self._writer()
        writer.write(node)
        is_plain = all(_last_name(decorator) in PLAIN_DECORATORS for decorator in node.decorator_list)
        is_always = (node.name.startswith("__") and node.name.endswith("__")) or not is_plain
        if node.name in made["methods"]:  # a property's setter beside its getter
            writer.refs += made["methods"][node.name]["piece"]["refs"]
            writer.words.append(made["methods"][node.name]["piece"]["skeleton"])
        made["methods"][node.name] = Method(piece=writer.piece(), is_always=is_always)

    def _base(self, node: ast.expr) -> list[str]:
        plain = node.value if isinstance(node, ast.Subscript) else node
        if _last_name(plain) in PLAIN_BASES:
            return []
        writer = self._writer()
        writer.write(plain)
        return writer.refs or ["?"]


def _never_runs(node: ast.stmt) -> bool:
    """Branches for type checkers, and for a module that is run as a program."""
    test = getattr(node, "test", None)
    is_main = isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
    return isinstance(node, ast.If) and (is_main or (test is not None and _last_name(test) == "TYPE_CHECKING"))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _plain_targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    """The names that an assignment defines; [] where it changes something else, too."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [part.id for part in parts if isinstance(part, ast.Name)] if all(_is_name(p) for p in parts) else []


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _last_name(node: ast.AST) -> str:
    """`wraps` of @functools.wraps(f)."""
    called = node.func if isinstance(node, ast.Call) else node
    return str(getattr(called, "attr", getattr(called, "id", "")))


class _Hints(ast.NodeTransformer):
    """Type hints that stand as text become what they say."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        try:
            return ast.parse(node.value, mode="eval").body if isinstance(node.value, str) else node
        except SyntaxError:
            return node


def _with_hints_read(part: ast.stmt) -> ast.stmt:
    if isinstance(part, ast.AnnAssign):
        part.annotation = _Hints().visit(part.annotation)
    return part


def all_pieces(facts: Facts) -> Iterator[Piece]:
    """Every piece of a module."""
    for definition in facts["definitions"].values():
        yield from definition["pieces"]
        yield from (method["piece"] for method in definition["methods"].values())
    if facts["body"]:
        yield facts["body"]
