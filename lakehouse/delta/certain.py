"""A commit that is surely made or surely not: what the log says counts, whatever reply came back.

Two writers of one table may meet: a compaction beside the night, somebody's own program. Delta lets one of them through
and refuses the other, which then tries again on what stands there now, after a pause of random length, so that two that
met do not meet again. A reply that got lost is no failure where the commit stands in the log.
"""

import random
import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any
from uuid import uuid4

from deltalake.exceptions import CommitFailedError
from pyspark.errors import PySparkException

from lakehouse.delta import log as delta_log
from lakehouse.storage import lease

MARK = "commit_id"  # what tells a commit from all others
CONTENTS = "table"  # what a commit says stands in the table then; it holds where nobody changed rows in between
TRIES = 6
FIRST_SECONDS = 0.2  # the longest pause before the second try; each later one may be twice as long


def made(path: str, commit: Callable[[dict[str, Any]], None], metadata: dict[str, Any], tries: int = TRIES) -> None:
    """Make a commit, again where it met another one.

    Args:
        path: the table's.
        commit: makes it, with the metadata that it is given.
        metadata: what the commit says of itself.
        tries: 1 for a commit whose rows can be read but once.

    Raises:
        MachineError: this run lost the lake's lock meanwhile.
        Exception: what the commit raised, where it is not in the log.
    """
    before, named = delta_log.latest_version(path), {**metadata, MARK: uuid4().hex}
    for attempt in range(1, tries + 1):
        lease.confirm(path)
        try:
            commit(named)
            return
        except Exception as error:
            if is_made(path, named[MARK], before):
                return
            if attempt == tries or not met_another(error):
                raise
        if CONTENTS in named and _rows_changed(path, before):
            named[CONTENTS] = []
        time.sleep(random.uniform(0, FIRST_SECONDS * 2 ** (attempt - 1)))  # noqa: S311 no secret hangs on it


def _rows_changed(path: str, before: int | None) -> bool:
    since = -1 if before is None else before
    return any(delta_log.changes_rows(path, version) for version in delta_log.versions(path) if version > since)


def is_made(path: str, mark: str, before: int | None) -> bool:
    """Whether a commit after a version bears this mark."""
    since = -1 if before is None else before
    newer = takewhile(lambda commit: commit.version > since, delta_log.commits(path))
    return any(commit.recorded.get(MARK) == mark for commit in newer)


def met_another(error: Exception) -> bool:
    """Whether a commit was refused because another one came first."""
    if isinstance(error, PySparkException):
        return str(error.getCondition() or error).startswith(("DELTA_CONCURRENT", "[DELTA_CONCURRENT"))
    return isinstance(error, CommitFailedError)
