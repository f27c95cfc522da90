"""Replay: an old night is rebuilt aside from its own inputs, and its tables are compared by fingerprint.

The present is never touched: the replay reads the true lake at the versions of that night (files and lines) and of the
night before (everything made of them), and writes into a folder of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.lake.lake import Lake
from lakehouse.ops import lock
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Base, Run
from lakehouse.quality import gate
from lakehouse.runs import graph, object_store
from lakehouse.runs.night import Listener, Night, Outcome
from lakehouse.spark import session
from lakehouse.storage import trees
from lakehouse.storage.paths import below

GIVEN = ("bronze.", "ops.")  # what a replay takes as it was
OWN = ("silver.", "quarantine.", "identity.", "gold.", "activation.", "models.")


@dataclass(frozen=True)
class Compared:
    """One table of the old night and its replay."""

    table: str
    was: str
    now: str

    @property
    def is_equal(self) -> bool:
        """Whether the rows are the same."""
        return self.was == self.now


@dataclass(frozen=True)
class Replay:
    """How a replay went."""

    run_date: date
    outcomes: tuple[Outcome, ...]
    tables: tuple[Compared, ...]

    @property
    def is_good(self) -> bool:
        """Every job ran and every table is as it was."""
        return all(t.is_equal for t in self.tables) and not any(o.error for o in self.outcomes)


def run(conf: Conf, run_date: date, listener: Listener | None = None) -> Replay:
    """Rebuild a published night aside.

    Raises:
        ConfigError: that day has no published night.
    """
    root = conf.profile.path(conf.profile.lake)
    object_store.make_sure(conf.profile, root)
    history = History(root)
    published = history.manifest(run_date)
    if published is None:
        raise ConfigError(
            f"there is no published night of {run_date}", "--run-date", "nights that were published can be replayed"
        )
    before = previous(history, run_date)
    scratch = below(root, "_replay", str(run_date))
    versions = {t: v for t, v in published.items() if t.startswith(GIVEN)} | {
        t: v for t, v in before.items() if t.startswith(OWN)
    }
    with lock.held(root, f"replay of {run_date}"):
        trees.remove(scratch)
        spark = session.start(conf.profile, f"customer-lakehouse replay {run_date}")
        base = Base(root, versions, published)
        lake = Lake(spark, conf, str(scratch), Run(f"replay-{run_date}", run_date), Contracts(conf), base=base)
        jobs = graph.select(("silver", "identity", "gold", "models"))
        outcomes = Night(lake, History(str(scratch)), listener).run(jobs, force=True)
        return Replay(run_date, tuple(outcomes), compared(lake, root, published))


def previous(history: History, run_date: date) -> dict[str, int]:
    """Table versions of the last night before a day; {} for the first."""
    earlier = [night for night in history.nights() if night < run_date]
    return history.manifest(earlier[-1]) or {} if earlier else {}


def compared(lake: Lake, root: str, published: dict[str, int]) -> tuple[Compared, ...]:
    """Fingerprints of what was published and of what the replay has now, table by table."""
    truth = Lake(lake.spark, lake.conf, root, lake.run, lake.contracts)
    view = lake.for_job("compare", "")
    tables: Sequence[str] = sorted(t for t in published if t.startswith(OWN))
    return tuple(Compared(t, printed(truth.read(t, published[t])), printed(view.read(t))) for t in tables)


def printed(rows: DataFrame) -> str:
    """Row count and fingerprint as one text."""
    validation = gate.observe(rows, [])
    return f"{validation.row_count} rows, {validation.fingerprint}"
