"""When Spark starts: beside the checks, before the first job; where nothing arrived, when a job first uses it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf, Profile
from lakehouse.ops import rollback
from lakehouse.ops.history import History
from lakehouse.spark import java, session
from lakehouse.spark.later import Later


@dataclass(frozen=True)
class Start:
    """How a run's session starts.

    Args:
        root: the lake's.
        is_at_once: before the first job; else when a job first uses it, if one does.
    """

    profile: Profile
    root: str
    is_at_once: bool

    def session(self, name: str) -> Later:
        """The session.

        Raises:
            MachineError: it does not start.
        """
        spark = Later(lambda: _session(self.profile, self.root, name))
        if self.is_at_once:
            spark.session()
        return spark


def chosen(conf: Conf, history: History) -> Start:
    """How the session is to start; Java starts already, beside the checks and the imports, where it will be used."""
    is_at_once = not (java.is_own(conf.profile) and is_quiet(conf.profile, history))
    if is_at_once:
        session.begin(conf.profile)
    return Start(conf.profile, history.root, is_at_once)


def _session(profile: Profile, root: str, name: str) -> SparkSession:
    spark = session.start(profile, name)
    spark.sparkContext.setLogLevel("DEBUG" if os.environ.get("LAKEHOUSE_DEBUG") == "2" else "ERROR")
    session.forget_logs(spark, root, rollback.stamp(root))
    return spark


def is_quiet(profile: Profile, history: History) -> bool:
    """Whether nothing seems to have arrived since the last night; a guess, on which no result depends."""
    nights, drop = history.nights(), profile.path(profile.drop)
    if not nights or profile.is_on_spark_alone or "://" in drop:
        return False
    since = max(row["started_at"] for row in history.rows).timestamp()
    return not any(is_new or changed > since for is_new, changed in _entries(Path(drop), nights[-1]))


def _entries(drop: Path, last: date) -> Iterator[tuple[bool, float]]:
    """Of each file and folder: whether it is of a later day than the last night's, and when it changed."""
    for folder, _, names in os.walk(drop):
        path = Path(folder)
        top = path.relative_to(drop).parts[:1]
        yield bool(top) and top[0] > str(last), path.stat().st_mtime
        for name in names:
            yield False, (path / name).lstat().st_mtime
