"""The source tree of engine and rooms: files, their facts, and what a dotted name stands for in it."""

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lakehouse.runs.source import facts as source_facts
from lakehouse.runs.source.facts import Facts

ROOTS = ("lakehouse", "jobs")
DECIDES = "lakehouse.runs"  # when a job runs is decided there; no row is made there
STAR = "*"
NO_SOURCE = (".pyc", ".pyo", ".properties", ".sha256")  # what a build leaves; how logs are written; checked downloads
Sources = Mapping[str, bytes]  # path below the checkout -> content
Parser = Callable[[str, bytes], Facts]  # path and content of a module


def read_sources(folder: Path) -> dict[str, bytes]:
    """All files of engine and rooms below a checkout (or an installation)."""
    paths = (path for root in ROOTS for path in sorted((folder / root).rglob("*")))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and path.suffix not in NO_SOURCE and "__pycache__" not in path.parts
    }


def module_of(path: str) -> str:
    """`jobs/gold/__init__.py` is jobs.gold."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def parsed(path: str, content: bytes) -> Facts:
    """The facts of one module's source."""
    return source_facts.of_source(content.decode("utf-8"), module_of(path), path.endswith("/__init__.py"))


@dataclass(frozen=True)
class Target:
    """What a dotted name stands for.

    kind: definition, module (all of it) or outside (another distribution); name: dotted; rest: attributes behind it.
    """

    kind: str
    name: str
    rest: tuple[str, ...] = ()


class Tree:
    """Engine and rooms as facts.

    Args:
        sources: every file.
        parse: turns a module into facts; for the cache.
        without: beginnings of module names whose code does not count.
    """

    def __init__(self, sources: Sources, parse: Parser = parsed, without: tuple[str, ...] = (DECIDES,)) -> None:
        self.sources = sources
        self.without = tuple(f"{name}." for name in without)
        self.paths = {module_of(path): path for path in sources if path.endswith(".py")}
        self.facts = {module: parse(path, sources[path]) for module, path in self.paths.items()}
        self._forget()

    def _forget(self) -> None:
        self._resolved: dict[str, Target] = {}
        self.labels: dict[str, str] = {}  # of definitions, and which of them each uses: the same for every job
        self.uses: dict[str, list[str]] = {}
        self.is_open: dict[str, bool] = {}
        self._modules: dict[str, list[str]] = {}
        self._loaded: dict[str, frozenset[str]] = {}

    def only(self, *roots: str) -> "Tree":
        """The same tree where nothing but these roots counts as code."""
        narrowed = copy.copy(self)
        narrowed.without = (*self.without, *(f"{root}." for root in ROOTS if root not in roots))
        narrowed._forget()
        return narrowed

    def resolve(self, dotted: str) -> Target:
        """What a dotted name stands for; a name that a module does not define stands for the whole module.

        What stands below `without` is outside, and nameless.
        """
        if dotted not in self._resolved:
            self._resolved[dotted] = self._resolve(tuple(dotted.split(".")), 0)
        return self._resolved[dotted]

    def _resolve(self, parts: tuple[str, ...], depth: int) -> Target:
        if parts[0] not in ROOTS:
            return Target("outside", ".".join(parts))
        module, rest = self._module(parts)
        if module not in self.facts:
            return Target("outside", ".".join(parts))
        if f"{module}.".startswith(self.without):
            return Target("outside", "")
        if not rest or rest[0] == STAR:
            return Target("module", module)
        if rest[0] in self.facts[module]["definitions"]:
            return Target("definition", f"{module}.{rest[0]}", rest[1:])
        passed_on = self.facts[module]["imported"].get(rest[0], [])
        if len(passed_on) == 1 and depth < len(self.facts):
            return self._resolve((*passed_on[0].split("."), *rest[1:]), depth + 1)
        return Target("module", module, rest)

    def _module(self, parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The longest beginning that is a module, and what is left."""
        for length in range(len(parts), 0, -1):
            if ".".join(parts[:length]) in self.facts:
                return ".".join(parts[:length]), parts[length:]
        return "", parts

    def modules(self, dotted: str) -> list[str]:
        """The packages and the module that a dotted name lies in, from the root down."""
        if dotted not in self._modules:
            parts = dotted.split(".")
            names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
            self._modules[dotted] = [name for name in names if name in self.facts]
        return self._modules[dotted]

    def bodies(self, module: str) -> frozenset[str]:
        """The modules with more than definitions that are loaded when one is, itself included."""
        if module not in self._loaded:
            seen, waiting = {module}, [module]
            while waiting:
                loads = self.facts[waiting.pop()]["loads"]
                new = {one for dotted in loads for one in self.modules(dotted)} - seen
                seen |= new
                waiting += new
            self._loaded[module] = frozenset(one for one in seen if self.facts[one]["body"])
        return self._loaded[module]

    def data(self, module: str, up: int, below: str) -> dict[str, str]:
        """Files that code of a module names by `__file__`: name below what was named -> digest of the content."""
        folder = Path(self.paths[module]).parent
        for _ in range(up):
            folder = folder.parent
        wanted = (folder / below).as_posix()
        return {
            path.removeprefix(wanted).lstrip("/") or Path(path).name: self._digest(path)
            for path in self.sources
            if path == wanted or path.startswith(f"{wanted}/")
        }

    def _digest(self, path: str) -> str:
        """Of a module its skeletons, of another file its bytes."""
        if path.endswith(".py"):
            facts = self.facts[module_of(path)]
            words = [f"{p['skeleton']} {' '.join(p['refs'])}" for p in source_facts.all_pieces(facts)]
            return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
        return hashlib.sha256(self.sources[path]).hexdigest()[:16]


def digest(sources: Sources) -> str:
    """A hash of every file: what is known of this very tree can be kept under it."""
    sha = hashlib.sha256()
    for path, content in sorted(sources.items()):
        sha.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return sha.hexdigest()
