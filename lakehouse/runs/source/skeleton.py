"""A piece of source as text without docstrings, comments, places and names of imports: its skeleton.

What a name of the module or of an import stands for is a hole in the skeleton; the references fill the holes in order.
So a module that moves, an import under another name, or a local variable under another name leaves every skeleton as it
is. Names of arguments stay: a caller may use them.
"""

import ast
import hashlib
from collections.abc import Iterable
from typing import Any, TypedDict

from lakehouse.runs.source import data_files, scopes
from lakehouse.runs.source.scopes import Scope

HOLE = "@"
UNSAID = frozenset(("ctx", "kind", "type_comment", "type_ignores"))  # fields of nodes that no result depends on
EXPLAINS = ("description", "title", "examples")  # keywords of a settings model's Field
LOOKS_UP = ("getattr", "attrgetter", "methodcaller")
SUBJECT_READERS = ("settings", "document")  # methods of Conf whose first argument names a subject of conf/


class Piece(TypedDict):
    """One definition: hash of its skeleton, dotted references in order, attribute names that it looks up.

    looks_up_any: a name of an attribute is computed; files: (folders up, path below) of data beside the module.
    subjects: subjects of conf/ that it names; loads: modules that it imports itself.
    """

    skeleton: str
    refs: list[str]
    attrs: list[str]
    looks_up_any: bool
    files: list[tuple[int, str]]
    subjects: list[str]
    loads: list[str]


class Writer:
    """Writes the skeleton of one definition of a module.

    Args:
        module: dotted.
        package: that relative imports start from.
        names: of the module's own definitions and imports, with their dotted targets.
        names_files: it has `__file__` somewhere.
    """

    def __init__(self, module: str, package: str, names: dict[str, list[str]], names_files: bool) -> None:
        self.module, self.package, self.names, self.names_files = module, package, names, names_files
        self.scopes: list[Scope] = []
        self.words: list[str] = []
        self.refs: list[str] = []
        self.attrs: set[str] = set()
        self.subjects: set[str] = set()
        self.loads: set[str] = set()
        self.files: list[tuple[int, str]] = []
        self.files_named: set[int] = set()
        self.values: dict[str, list[str]] = {}  # of loop variables that run over written texts
        self.looks_up_any = False
        self.keeps_annotations = False

    def piece(self) -> Piece:
        """What was written so far, as facts."""
        return Piece(
            skeleton=hashed(*self.words),
            refs=self.refs,
            attrs=sorted(self.attrs),
            looks_up_any=self.looks_up_any,
            files=self.files,
            subjects=sorted(self.subjects),
            loads=sorted(self.loads),
        )

    def write(self, value: Any) -> None:
        """Write a node, a list of them, or a plain value."""
        if isinstance(value, list):
            self.words.append("[")
            for item in value:
                self.write(item)
            self.words.append("]")
        elif isinstance(value, ast.AST):
            self._node(value)
        else:
            self.words.append(repr(value))

    def plain(self, node: ast.AST, without: Iterable[str] = ()) -> None:
        """Write a node's kind and fields as they are."""
        self.words.append(type(node).__name__)
        for name in node._fields:
            if name not in UNSAID and name not in without:
                self.write(getattr(node, name))

    def _node(self, node: ast.AST) -> None:
        match node:
            case ast.Name() | ast.Attribute():
                self._name(node)
            case ast.Constant():
                self.words.append(repr(node.value))
            case ast.Call() | ast.BinOp():
                self._call(node)
                self.plain(_unexplained(node))
            case ast.arguments():
                self.plain(node, ("defaults", "kw_defaults"))
            case ast.arg():
                self.plain(node, () if self.keeps_annotations else ("annotation",))
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return  # a docstring, or another text that nobody reads
            case ast.Import() | ast.ImportFrom():
                self.loads.update(scopes.imported_modules(node, self.package))
            case _:
                self._binding(node)

    def _binding(self, node: ast.AST) -> None:
        """What may bind names of its own; other nodes as they are."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self.write(node.generators[0].iter)  # is evaluated outside
                for one in node.generators:
                    self._runs_over(one.target, one.iter)
                self._within(scopes.of_comprehension(node.generators), node)
            case ast.For():
                self._runs_over(node.target, node.iter)
                self.plain(node)
            case ast.AnnAssign() if not self.keeps_annotations:
                self._assigned(node)
            case _:
                self.plain(node)

    def _assigned(self, node: ast.AnnAssign) -> None:
        """An annotated assignment in a function: its annotation says nothing at run time."""
        if node.value is not None:
            self.words.append("Assign")
            self.write([node.target])
            self.write(node.value)

    def _within(self, scope: Scope, node: ast.AST, without: tuple[str, ...] = ()) -> None:
        self.scopes.append(scope)
        self.plain(node, without)
        self.scopes.pop()

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Decorators and defaults belong outside; annotations count where a decorator may read them."""
        decorators = getattr(node, "decorator_list", [])
        self.write([*decorators, *node.args.defaults, *node.args.kw_defaults])
        before, self.keeps_annotations = self.keeps_annotations, bool(decorators)
        hints = ("returns",) if not decorators else ()
        self._within(scopes.of_function(node, self.package), node, ("decorator_list", *hints))
        self.keeps_annotations = before

    def _name(self, node: ast.Name | ast.Attribute) -> None:
        """A name with the attributes behind it: a reference where the module or an import gives it its meaning."""
        chain: list[str] = []
        root: ast.AST = node
        while isinstance(root, ast.Attribute):
            chain.insert(0, root.attr)
            root = root.value
        targets = self._targets(root.id) if isinstance(root, ast.Name) else []
        if targets:
            self.words.append(HOLE * len(targets))
            self.refs += [".".join([target, *chain]) for target in targets]
            return
        self.attrs.update(chain)
        self.words += [f".{name}" for name in chain]
        if isinstance(root, ast.Name):
            if root.id == "globals":
                self.refs.append(f"{self.module}.*")
            self.words.append(self._local(root.id) or root.id)
        else:
            self._node(root)

    def _local(self, name: str) -> str:
        """What stands for a variable that only its function knows: the function's depth and a number; else ""."""
        for depth, scope in reversed([*enumerate(self.scopes)]):
            if name in scope.bound:
                return f"${depth}.{scope.number(name)}" if name in scope.local else ""
        return ""

    def _targets(self, name: str) -> list[str]:
        for scope in reversed(self.scopes):
            if name in scope.imported:
                return scope.imported[name]
            if name in scope.bound:
                return []
        return self.names.get(name, [])

    def _runs_over(self, target: ast.expr, over: ast.expr) -> None:
        """Remember the texts that a loop's variable takes, where they are written out."""
        if isinstance(target, ast.Name):
            parts = over.elts if isinstance(over, (ast.Tuple, ast.List)) else []
            texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
            is_plain = bool(parts) and len(texts) == len(parts) and target.id not in self.values
            self.values[target.id] = texts if is_plain else []

    def _call(self, node: ast.AST) -> None:
        """What a call tells beside its parts: attributes by text, subjects of conf/, files beside the module."""
        if self.names_files and id(node) not in self.files_named and (named := data_files.named(node)):
            self.files += named
            self.files_named |= {id(part) for part in ast.walk(node)}
        if not isinstance(node, ast.Call):
            return
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in LOOKS_UP:
            computed = [self.values.get(a.id, []) for a in node.args[1:2] if isinstance(a, ast.Name)]
            texts += [text for known in computed for text in known]
            self.attrs.update(part for text in texts for part in text.split("."))
            self.looks_up_any |= not texts
        if name in SUBJECT_READERS:
            self.subjects.update(texts[:1])


def _unexplained(node: ast.Call | ast.BinOp) -> ast.Call | ast.BinOp:
    """A field of a settings model without what it says to people."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "Field":
        return node
    return ast.Call(node.func, node.args, [word for word in node.keywords if word.arg not in EXPLAINS])


def hashed(*words: str) -> str:
    """16 hexadecimal digits for these words in this order."""
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]
