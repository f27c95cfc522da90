"""What can be reached from some definitions, and a hash of it that does not know where anything stands.

A method is reached when its class is and some reached code looks its name up: on whatever object, so that nothing is
missed. Everything of a module is reached where it is used as a value, and every method where a name is computed.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lakehouse.runs.source.facts import Definition, Method
from lakehouse.runs.source.skeleton import Piece, hashed
from lakehouse.runs.source.tree import STAR, Target, Tree

BODY = "<body>"


@dataclass
class Reached:
    """What some definitions can reach.

    digest: of all of it, in the order of use; parts: name of each definition -> short hash of it alone.
    outside: dotted names of other distributions; attrs: attribute names that are looked up; subjects: of conf/.
    """

    digest: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    attrs: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)


def reached(tree: Tree, roots: Iterable[str]) -> Reached:
    """What these definitions (dotted names; attributes behind them are looked up) can reach.

    Raises:
        KeyError: there is no such definition.
    """
    return _Reach(tree).run(tuple(roots))


class _Reach:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.nodes: dict[str, list[Piece]] = {}  # everything reached, in no order that counts
        self.waiting: list[str] = []
        self.attrs: set[str] = set()
        self.outside: set[str] = set()
        self.subjects: set[str] = set()
        self.classes: dict[str, Definition] = {}
        self.whole: set[str] = set()  # modules of which everything is reached
        self.looks_up_any = False

    def run(self, roots: tuple[str, ...]) -> Reached:
        targets = [self.tree.resolve(root) for root in roots]
        for root, target in zip(roots, targets, strict=True):
            if target.kind == "outside" or (target.kind == "module" and target.rest):
                raise KeyError(root)
            self._use(target)
        size = -1
        while size != len(self.nodes):
            size = len(self.nodes)
            self._settle()
            self._bodies()
        lines = list(self._in_order([_node(target) for target in targets]))
        return Reached(
            digest=hashed(*lines),
            parts={name: self._label(name)[:8] for name in sorted(self.nodes) if self.nodes[name]},
            outside=sorted(self.outside),
            attrs=sorted(self.attrs),
            subjects=sorted(self.subjects),
        )

    def _settle(self) -> None:
        """Follow references and names of methods until nothing new is reached."""
        while True:
            while self.waiting:
                for piece in self.nodes[self.waiting.pop()]:
                    self._piece(piece)
            for name, definition in self.classes.items():
                for method in definition["methods"]:
                    if f"{name}.{method}" not in self.nodes and self._is_used(name, definition, method):
                        self._add(f"{name}.{method}", [definition["methods"][method]["piece"]])
            if not self.waiting:
                return

    def _is_used(self, name: str, definition: Definition, method: str) -> bool:
        of: Method = definition["methods"][method]
        is_any = self.looks_up_any or of["is_always"] or name.rpartition(".")[0] in self.whole
        if name not in self.tree.is_open:
            self.tree.is_open[name] = _is_open(self.tree, definition, frozenset())
        return is_any or method in self.attrs or self.tree.is_open[name]

    def _piece(self, piece: Piece) -> None:
        self.attrs.update(piece["attrs"])
        self.subjects.update(piece["subjects"])
        self.looks_up_any |= piece["looks_up_any"]
        for ref in piece["refs"]:
            self._use(self.tree.resolve(ref))

    def _use(self, target: Target) -> None:
        self.attrs.update(target.rest)
        if target.kind == "outside":
            self.outside.update([target.name] if target.name else [])
        elif target.kind == "module":
            self._whole(target.name)
        else:
            self._definition(target.name)

    def _whole(self, module: str) -> None:
        if module not in self.whole:
            self.whole.add(module)
            self._add(f"{module}.{STAR}", [])
            for name in self.tree.facts[module]["definitions"]:
                self._definition(f"{module}.{name}")

    def _definition(self, name: str) -> None:
        module, _, own = name.rpartition(".")
        definition = self.tree.facts[module]["definitions"][own]
        self._add(name, definition["pieces"])
        if definition["methods"]:
            self.classes[name] = definition

    def _add(self, node: str, pieces: list[Piece]) -> None:
        if node not in self.nodes:
            self.nodes[node] = pieces
            self.waiting.append(node)

    def _bodies(self) -> None:
        """What runs when the modules of all that is reached, and what they import, are loaded."""
        loaded = {m for node in self.nodes for m in self.tree.modules(node)}
        imported = {one for pieces in self.nodes.values() for piece in pieces for one in piece["loads"]}
        loaded |= {m for one in imported for m in self.tree.modules(one)}
        for module in sorted(frozenset().union(*map(self.tree.bodies, loaded))):
            if body := self.tree.facts[module]["body"]:
                self._add(f"{module}.{BODY}", [body])

    def _in_order(self, roots: list[str]) -> Iterator[str]:
        """Each definition as it is met, with the numbers of what it uses: equal for equal code, wherever it stands."""
        bodies = [node for node in self.nodes if node.endswith(BODY)]
        bodies.sort(key=lambda node: (self._label(node), node))
        number: dict[str, int] = {}
        for root in (*roots, *bodies):
            waiting = [root]
            while waiting:
                node = waiting.pop()
                if node not in number:
                    number[node] = len(number)
                    waiting += reversed(self._uses(node))
        for node in number:
            yield f"{self._label(node)} {' '.join(str(number[used]) for used in self._uses(node))}"

    def _uses(self, node: str) -> list[str]:
        """Definitions that one uses in the order of its text, then its reached methods by name."""
        if node not in self.tree.uses:
            targets = [self.tree.resolve(ref) for piece in self.nodes[node] for ref in piece["refs"]]
            self.tree.uses[node] = [_node(target) for target in targets if target.kind != "outside"]
        used = list(self.tree.uses[node])
        if node in self.classes:
            used += [m for name in sorted(self.classes[node]["methods"]) if (m := f"{node}.{name}") in self.nodes]
        if node.endswith(f".{STAR}"):
            module = node.removesuffix(f".{STAR}")
            used += [f"{module}.{name}" for name in sorted(self.tree.facts[module]["definitions"])]
        return used

    def _label(self, node: str) -> str:
        """A definition by itself: its skeletons, what it uses of other distributions, and data beside it."""
        if node not in self.tree.labels:
            self.tree.labels[node] = self._labelled(node)
        return self.tree.labels[node]

    def _labelled(self, node: str) -> str:
        words = [node.rpartition(".")[2]] if node.endswith((STAR, BODY)) else []
        for piece in self.nodes[node]:
            words.append(piece["skeleton"])
            for ref in piece["refs"]:
                target = self.tree.resolve(ref)
                words.append(".".join((target.name if target.kind == "outside" else "@", *target.rest)))
            words += self._data(node, piece)
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]

    def _data(self, node: str, piece: Piece) -> list[str]:
        if not piece["files"]:
            return []
        module = self.tree.modules(node)[-1]
        files = {n: d for up, below in piece["files"] for n, d in self.tree.data(module, up, below).items()}
        return [f"{name} {digest}" for name, digest in sorted(files.items())]


def _node(target: Target) -> str:
    return f"{target.name}.{STAR}" if target.kind == "module" else target.name


def _is_open(tree: Tree, definition: Definition, seen: frozenset[str]) -> bool:
    """Whether a class of another distribution is among its bases: that may call any method."""
    for base in definition["bases"]:
        target = tree.resolve(base) if base != "?" else Target("outside", base)
        if target.kind != "definition":
            return True
        module, _, own = target.name.rpartition(".")
        if target.name not in seen and _is_open(tree, tree.facts[module]["definitions"][own], seen | {target.name}):
            return True
    return False
