"""What code a job's result depends on: the definitions that it can reach, in its room and in the engine."""

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from lakehouse.config.documents import home
from lakehouse.errors import LakehouseError
from lakehouse.runs.graph import FOLDER, Job
from lakehouse.runs.source import kept, tree
from lakehouse.runs.source.facts import Facts
from lakehouse.runs.source.kept import Kept
from lakehouse.runs.source.reach import Reached, reached
from lakehouse.runs.source.tree import Sources, Tree, read_sources

ENGINE = (  # what a night itself does for each job: it gives a view of the lake, settings, and a session of this kind
    "lakehouse.lake.lake.Lake",
    "lakehouse.config.layers.Conf.settings",
    "lakehouse.spark.session.ALWAYS",
    "lakehouse.spark.session.LIGHT",
)
ONE_AT_A_TIME = threading.RLock()  # Python 3.11 counts a parser's depth for all threads together, and then gives up
OPTIONAL = (".Settings", ".check")  # of a job's module: what it is told, and what it makes sure of before it runs


class Code:
    """The source tree of engine and rooms, and what jobs can reach in it.

    Args:
        sources: every file of it.
        folder: where what is worked out is kept; None: nowhere.
    """

    def __init__(self, sources: Sources, folder: Path | None = None) -> None:
        self.sources, self.folder = sources, folder
        self.answers = Kept(folder / "code_reach.json" if folder else None)
        self._tree: Tree | None = None
        self.digest = tree.digest(sources)

    @property
    def tree(self) -> Tree:
        """The tree with its facts; read once, when something has to be worked out."""
        if self._tree is None:
            facts = Kept(self.folder / "code_facts.json" if self.folder else None)
            self._tree = Tree(self.sources, lambda path, content: _facts(facts, path, content))
            facts.save()
        return self._tree

    def of_job(self, job: Job) -> Reached:
        """What the job's `run`, its settings and its check before the run can reach.

        Raises:
            LakehouseError: its module has no `run`, or it is not Python.
        """
        return self.reached((f"{job.module}.run", *(f"{job.module}{name}" for name in OPTIONAL), *ENGINE))

    def of_rooms(self, names: Sequence[str]) -> Reached:
        """What these definitions can reach in the rooms, whatever the engine is."""
        return self.reached(tuple(names), only_rooms=True)

    def reached(self, roots: tuple[str, ...], only_rooms: bool = False) -> Reached:
        """What these definitions can reach; worked out once for a state of the tree."""
        name = kept.key(self.digest, str(only_rooms), *roots)
        with ONE_AT_A_TIME:
            if (known := self.answers.get(name)) is None:
                of_tree = self.tree.only("jobs") if only_rooms else self.tree
                known = dict(vars(_reached(of_tree, roots)))
                self.answers.put(name, known)
        return Reached(**known)

    def save(self) -> None:
        """Keep what was worked out."""
        self.answers.save()


def _reached(of_tree: Tree, roots: tuple[str, ...]) -> Reached:
    named = [r for r in roots if not r.endswith(OPTIONAL) or of_tree.resolve(r).kind == "definition"]
    try:
        return reached(of_tree, named)
    except KeyError as error:
        raise LakehouseError(
            f"there is no {error.args[0]} in the source", "jobs", "a job needs run(lake, run_date, settings)"
        ) from error


def _facts(facts: Kept, path: str, content: bytes) -> Facts:
    name = kept.key(path, content)
    known: Facts | None = facts.get(name)
    if known is None:
        known = _parsed(path, content)
        facts.put(name, known)
    return known


@lru_cache(maxsize=2000)
def _parsed(path: str, content: bytes) -> Facts:
    try:
        return tree.parsed(path, content)
    except (SyntaxError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise LakehouseError("this is not Python", f"{path}:{line}", "correct it, or take the file away") from error


@cache
def installed() -> Code:
    """The code that is running."""
    return Code(read_sources(FOLDER.parent), home() / "var" / "cache")
