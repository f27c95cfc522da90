"""The lake: tables by contract, and `publish`, the only writer.

A job gets a view of its own (`for_job`); how it reads is Snapshot's, what it asks and changes is here.
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from pyspark.sql import DataFrame

from lakehouse.delta import log as delta_log
from lakehouse.lake import bronze_lines, change_feed, publish, queries
from lakehouse.lake.publish import Published
from lakehouse.lake.snapshot import Snapshot
from lakehouse.ops import reprocessing
from lakehouse.sql.query import Query, Table


@dataclass
class Lake(Snapshot):
    """One lake, with everything a job may do with it."""

    def new_rows(self, table: str, since: int | None) -> DataFrame:
        """Rows that append commits added after version `since` (None: all), with the `_version` of each."""
        return change_feed.new_rows(self, table, since)

    def appended_rows(self, table: str, since: int) -> DataFrame | None:
        """Rows added after version `since`; None where a commit since then changed or removed rows."""
        return self.new_rows(table, since).drop("_version") if self.is_appended(table, since) else None

    def consumed(self, table: str) -> dict[str, int]:
        """The input versions that `table`'s last publish had read.

        {} when there is none, or when code or configuration changed since, or when an input is another table than it
        was, made again, or when its quarantined lines are put through again: rebuild from all, publish mode replace.
        """
        last = delta_log.last_publish(self.source(table), self.version(table))
        request = self._reprocessed(table)
        if last is None or not self.is_same(last.recorded.get("job_hash")):
            return {}
        if request and last.recorded.get(reprocessing.RECORDED) != request:
            return {}
        if self.base is None and delta_log.made_again(last, self.path):
            return {}
        inputs = {name: version for name, version in last.recorded["inputs"].items() if version is not None}
        return inputs if self.base is None else change_feed.in_replay(self, self.base, inputs)

    def _reprocessed(self, table: str) -> str:
        """The request to put the table's quarantined lines through again that this job serves, "" for none.

        The job's first look counts: a request that comes while it works is the next run's.
        """
        request = "" if self.base else self.reprocessed.get(table, reprocessing.asked(self.root, table))
        self.reprocessed[table] = request
        return request

    def publish(
        self,
        table: str,
        rows: DataFrame | pa.Table,
        run_date: date,
        mode: str | None = None,
        group: tuple[str, ...] | DataFrame = (),
        is_cached: bool = False,
    ) -> Published:
        """Judge the rows by contract and suite, then change the table in one atomic commit.

        Args:
            rows: the contract's columns, in any order; a DataFrame, or a table in memory.
            mode: replace, append, merge (by the contract's key) or replace_group (rows of the same `group` go first);
                default is the contract's.
            group: of replace_group: columns whose values in `rows` name the groups, or the groups themselves.
            is_cached: the rows come from cached ones: they are not cached again for the two passes over them.

        Raises:
            GateError: a critical expectation failed; the table stays as it was.
        """
        return publish.publish(self, table, rows, run_date, publish.Way(mode, group, is_cached))

    def append_bronze(self, export: str, rows: DataFrame, inputs_key: str) -> Published:
        """Append an export's lines once; the same `inputs_key` never lands twice."""
        return bronze_lines.append_bronze(self, export, rows, inputs_key)

    def select(self, query: Query, most_rows: int | None = None) -> DataFrame:
        """A query over large tables, with no more rows than `most_rows` (None: than its largest table)."""
        return queries.select(self, query, most_rows)

    def fetch(self, query: Query) -> pa.Table:
        """The answer in this process; the caller bounds it."""
        return queries.fetch(self, query)

    def rows(self, query: Query, most_rows: int) -> DataFrame | pa.Table:
        """The answer for a publish of just these rows."""
        return queries.rows(self, query, most_rows)

    def materialise(self, query: Query, most_rows: int) -> Table:
        """The answer for further queries, computed once."""
        return queries.materialise(self, query, most_rows)
