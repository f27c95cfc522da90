"""Nights in forked processes, and the fingerprints of what they leave."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from tests.crash.commits import Hook, Watch
from tests.crash.processes import Child, Send, fork

ALL = ("load", "identity", "gold", "models", "report")
FINGERPRINT, ERRORS = "fingerprint", "errors"
OF_THE_RUN = ("run_id",)  # in ops.files


class Nights:
    """Nights of a company: started, disturbed, ended, compared.

    Args:
        spark: the session that all of them use.
        day: the night's day.
        steps: of each night; without the report no night is published.
    """

    def __init__(self, spark: SparkSession, day: date, steps: Sequence[str] = ALL) -> None:
        self.spark, self.day, self.steps = spark, day, tuple(steps)

    def start(
        self,
        conf: Conf,
        hook: Callable[[Send], Hook] | None = None,
        first: Callable[[], None] | None = None,
        names: Sequence[str] = (),
        night: str = "",
    ) -> Child:
        """Start a night in a process of its own; it sends the errors of its jobs.

        Args:
            hook: made with what sends answers; called before and after each commit.
            first: done in the new process before the night.
            names: steps of it; usually all that these nights have.
            night: the identifier that steps of one night share.
        """

        def work(send: Send) -> None:
            without_pages()
            if hook:
                Watch(hook(send)).install()
            if first:
                first()
            from lakehouse.runs import steps

            result = steps.run(conf, list(names or self.steps), self.day, night)
            send((ERRORS, [(o.job.name, o.error) for o in result.outcomes if o.error]))

        return fork(work)

    def whole(self, conf: Conf) -> dict[str, Any]:
        """A night without disturbance, and what stands in the tables then.

        Raises:
            AssertionError: the night did not end well.
        """
        code, sent = self.start(conf).ended()
        assert code == 0, sent
        assert sent[-1] == (ERRORS, []), sent[-1]
        return self.left_by(conf)

    def left_by(self, conf: Conf) -> dict[str, Any]:
        """Rows and fingerprint of each table, each read whole, and the record of files."""
        code, sent = fork(lambda send: send(self._read(conf))).ended()
        assert code == 0, sent
        return dict(sent[-1])

    def _read(self, conf: Conf) -> dict[str, Any]:
        from lakehouse.contracts.contract import Contracts
        from lakehouse.lake import contents
        from lakehouse.lake.lake import Lake
        from lakehouse.ops import tables as ops_tables
        from lakehouse.ops.history import History
        from lakehouse.ops.run_log import Run
        from lakehouse.runs.night import every_table

        root = conf.profile.lake
        lake = Lake(self.spark, conf, root, Run("compare", self.day), Contracts(conf)).for_job("compare", "")
        published = History(root).manifest(self.day)
        assert published or "report" not in self.steps, "the night was not published"
        newest = {table: version for table in every_table(lake) if (version := lake.version(table)) is not None}
        manifest, left = published or newest, dict[str, Any]()
        for table in sorted(t for t in manifest if not t.startswith("ops.")):
            assert manifest[table] == lake.version(table), f"{table} went on after the night was published"
            left[table] = tuple(contents.whole(lake, table, manifest[table]))
        for row in ops_tables.read(lake.path(contents.TABLE)):
            if row["mode"] == contents.NIGHT and row["version"] == manifest.get(row["table"]):
                known = (row["batch_rows"], int(row["batch_fingerprint"]))
                assert known == left[row["table"]], f"ops.fingerprints is wrong about {row['table']}"
        files = ops_tables.read(lake.path("ops.files"))
        left["ops.files"] = sorted(str({k: v for k, v in f.items() if k not in OF_THE_RUN}) for f in files)
        return left


def without_pages() -> None:
    """Pages and Data Docs show tables and are none: a trial goes without their seconds."""
    from jobs.report import nightly
    from lakehouse.runs import night

    nightly.prepare = lambda: None  # type: ignore[assignment]
    nightly.run = lambda *_: None  # type: ignore[assignment]
    night.FLUSH_SECONDS = 0


def pause() -> None:
    """A moment, while something else goes on."""
    time.sleep(0.02)


def die() -> None:
    """End this process and its helpers as the kernel does it when memory runs out."""
    os.killpg(0, signal.SIGKILL)


def differences(wanted: dict[str, Any], left: dict[str, Any]) -> list[str]:
    """The tables that are not as the undisturbed night left them."""
    return sorted(table for table in {*wanted, *left} if wanted.get(table) != left.get(table))
