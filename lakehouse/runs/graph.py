"""The graph of jobs, derived from what each job says it reads and writes.

Rooms are scanned for modules with WRITES; `bronze.*` in READS or WRITES stands for every export's table; a job with
ON_DEMAND runs only when it is named (the weekly training), one with INBOX when something waits there; the rooms that
one HOLDS wait for it. Nothing is imported until a job runs: the declarations are read from the source. READS_PREVIOUS
names what a job reads as last night left it: its own tables, and later ones.
"""

import ast
import fnmatch
import graphlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lakehouse.errors import LakehouseError

ROOMS = ("landing", "bronze", "silver", "identity", "gold", "activation", "models", "report", "upkeep")
STEPS = {
    "load": ("landing", "bronze", "silver"),
    "identity": ("identity",),
    "gold": ("gold", "activation"),
    "models": ("models",),
    "report": ("report",),
}
DECLARATIONS = (
    "READS",
    "READS_PREVIOUS",
    "WRITES",
    "DEPENDS_ON_RUN_DATE",
    "CONF",
    "ON_DEMAND",
    "INBOX",
    "HOLDS",
    "FAULTS",
    "FORMERLY",
    "LEARNS",
    "LEARNS_BY",
)
FOLDER = Path(__file__).resolve().parents[2] / "jobs"
BELOW = re.compile(r"^(?:def |async def |class |@)", re.MULTILINE)
DECLARED = re.compile(rf"^(?:{'|'.join(DECLARATIONS)})\b", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """One job as its module declares it."""

    module: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    depends_on_run_date: bool = False
    conf: tuple[str, ...] = ()
    on_demand: bool = False
    faults: str = ""  # module that says what is wrong in the job's subject beyond its form
    formerly: tuple[str, ...] = ()  # names that its module had
    reads_previous: tuple[str, ...] = ()  # tables as last night left them: they do not order the jobs
    learns: tuple[str, ...] = ()  # functions of its room by which it learns what it keeps (a model)
    inbox: str = ""  # folder of the lake where commands leave what the job takes; it runs when something is there
    holds: tuple[str, ...] = ()  # rooms whose jobs wait for it, and stay as they were where it fails
    learns_by: tuple[str, ...] = ()  # the settings that it learns by, such as identity.training.iterations

    @property
    def name(self) -> str:
        """The first table it writes."""
        return self.writes[0]

    @property
    def room(self) -> str:
        """The room it works in."""
        return self.module.split(".")[1]

    @property
    def readable(self) -> tuple[str, ...]:
        """Every table that the job may read, as it stands or as last night left it."""
        return (*self.reads, *self.reads_previous)


@cache
def jobs() -> tuple[Job, ...]:
    """All jobs of all rooms in an order in which they can run.

    Raises:
        LakehouseError: two jobs write one table, or the jobs read each other in a circle.
    """
    declared_jobs = [job for room in ROOMS for path in sorted((FOLDER / room).glob("*.py")) if (job := declared(path))]
    by_module = {job.module: job for job in declared_jobs}
    sorter = graphlib.TopologicalSorter({job.module: before(job, tuple(declared_jobs)) for job in declared_jobs})
    try:
        order = list(sorter.static_order())
    except graphlib.CycleError as error:
        raise LakehouseError(
            f"jobs read each other in a circle: {' <- '.join(error.args[1])}", "READS and WRITES"
        ) from error
    position = {module: i for i, module in enumerate(order)}
    return tuple(
        sorted(declared_jobs, key=lambda job: (ROOMS.index(job.room), position[job.module])) if by_module else ()
    )


def before(job: Job, among: tuple[Job, ...]) -> set[str]:
    """Modules of the jobs that write what this job reads."""
    return {other.module for other in among if other is not job and depends(job, other)}


def seconds_to_go(among: tuple[Job, ...], seconds: dict[str, float]) -> dict[str, float]:
    """Per module the time from a job's start to the end of the longest chain of jobs that wait for it.

    Args:
        among: jobs of one night, in an order in which they can run.
        seconds: what each took when it last ran, by name; a job that is not known counts one second.
    """
    seconds_left: dict[str, float] = {}
    for job in reversed(among):
        after = [seconds_left[other.module] for other in among if other.module in seconds_left and depends(other, job)]
        seconds_left[job.module] = seconds.get(job.name, 1.0) + max(after, default=0.0)
    return seconds_left


def depends(job: Job, other: Job) -> bool:
    """Whether `job` reads a table that `other` writes, or is held where `other` fails."""
    return job.room in other.holds or any(
        fnmatch.fnmatch(w, r) or fnmatch.fnmatch(r, w) for r in job.reads for w in other.writes
    )


def declared(path: Path) -> Job | None:
    """Read a module's declarations without importing it; None when it is no job."""
    values = {}
    for node in statements(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in DECLARATIONS:
                values[name] = _literal(node.value, f"{path.parent.name}/{path.name}:{node.lineno}", name)
    if "WRITES" not in values:
        return None
    module = f"jobs.{path.parent.name}.{path.stem}"
    return Job(
        module,
        _many(values.get("READS", ())),
        _many(values["WRITES"]),
        bool(values.get("DEPENDS_ON_RUN_DATE", False)),
        _many(values.get("CONF", ())),
        bool(values.get("ON_DEMAND", False)),
        str(values.get("FAULTS", "")),
        _many(values.get("FORMERLY", ())),
        _many(values.get("READS_PREVIOUS", ())),
        _many(values.get("LEARNS", ())),
        inbox=str(values.get("INBOX", "")),
        holds=_many(values.get("HOLDS", ())),
        learns_by=_many(values.get("LEARNS_BY", ())),
    )


def statements(source: str) -> list[ast.stmt]:
    """A module's statements up to its first function or class where all declarations stand there, else all of them.

    A graph is read at the start of every process, and parsing whole modules is most of that.
    """
    below = BELOW.search(source)
    if below is not None and not DECLARED.search(source, below.start()):
        try:
            return ast.parse(source[: below.start()]).body
        except SyntaxError:  # a line of a text that looks like a function
            pass
    return ast.parse(source).body


def _literal(node: ast.expr, where: str, name: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise LakehouseError(
            f"{name} must be written out", where, "give the tables as plain text: the graph reads the source"
        ) from error


def _many(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def select(names: tuple[str, ...]) -> tuple[Job, ...]:
    """Jobs by step, room, table or module name.

    Raises:
        LakehouseError: a name is none of them.
    """
    chosen: list[Job] = []
    for name in names:
        rooms = STEPS.get(name, (name,))
        by_room = [j for j in jobs() if j.room in rooms and not j.on_demand]
        hits = by_room or [j for j in jobs() if name in j.writes or j.module.endswith(f".{name}") or name in j.formerly]
        if not hits and name not in STEPS:
            raise LakehouseError(
                f"there is no step, room or job '{name}'", "", f"steps are {', '.join(STEPS)}; see 'lakehouse plan'"
            )
        chosen += [job for job in hits if job not in chosen]
    return tuple(job for job in jobs() if job in chosen)


def step_of(job: Job) -> str:
    """The step that a job belongs to; upkeep is beside the night."""
    return next((step for step, rooms in STEPS.items() if job.room in rooms), job.room)
