"""What a job sees of the lake: tables at pinned versions, empty by their contracts where they do not exist yet.

What a job reads is recorded with what it publishes, so that every table says from which versions of which tables, and
by which code, it was made.
"""

import dataclasses
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from pyspark.sql import DataFrame, SparkSession

from lakehouse.config.layers import Conf, Profile
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.delta.log import table_path
from lakehouse.errors import LakehouseError
from lakehouse.ops.run_log import Base, Run
from lakehouse.storage.places import is_remote, is_s3

FEW_ROWS = 100_000


@dataclass(frozen=True)
class Terms:
    """What a job's view is bound by.

    readable: tables (with wildcards) that the job declared; None lets it read all.
    same_hashes: hashes that count as the job's own; learned_hash: by which it would learn what it keeps now, and
    same_learned_hashes those that count as that.
    """

    readable: tuple[str, ...] | None = None
    same_hashes: frozenset[str] = frozenset()
    learned_hash: str = ""
    same_learned_hashes: frozenset[str] = frozenset()

    def make_sure_of(self, job: str, table: str) -> None:
        """Refuse a table that the job did not declare: the graph would not know of it.

        Raises:
            LakehouseError: it is none of `readable`.
        """
        if self.readable is not None and not any(fnmatch.fnmatchcase(table, name) for name in self.readable):
            raise LakehouseError(
                f"{job} reads {table} and does not declare it",
                "READS",
                "name it in READS, or in READS_PREVIOUS where the job reads what last night left",
            )


@dataclass
class Snapshot:
    """One lake. Every job gets a view of its own from `for_job`, whose inputs are pinned to one version each."""

    spark: SparkSession
    conf: Conf
    root: str
    run: Run
    contracts: Contracts
    job: str = ""
    job_hash: str = ""
    pinned: dict[str, int | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cached: list[DataFrame] = field(default_factory=list)
    base: Base | None = None
    light: SparkSession | None = None  # for jobs of few rows; the same session otherwise
    terms: Terms = Terms()
    reprocessed: dict[str, str] = field(default_factory=dict)  # table -> request to put quarantined lines through
    engines: set[str] = field(default_factory=set)  # what worked on rows for this job: spark, local

    @property
    def is_replay(self) -> bool:
        """Whether an old night is being rebuilt aside: nothing outside this lake may change (no model registered)."""
        return self.base is not None

    @property
    def profile(self) -> Profile:
        """The profile in force."""
        return self.conf.profile

    @property
    def is_local(self) -> bool:
        """Whether tables lie on this machine's disk and may be read and written without Spark."""
        return self.is_near and not is_remote(self.root)

    @property
    def is_near(self) -> bool:
        """Whether tables may be read and committed without Spark's Delta code: on a disk, or in S3."""
        return self.profile.collect_up_to_rows > 0 and (is_s3(self.root) or not is_remote(self.root))

    def for_job(self, job: str, job_hash: str, terms: Terms | None = None) -> Self:
        """A view for one job: its own pinned versions and notes, the same run.

        Args:
            terms: what it is bound by; None for a view outside of nights, which may read all.
        """
        return dataclasses.replace(
            self,
            job=job,
            job_hash=job_hash,
            pinned={},
            notes=[],
            cached=[],
            reprocessed={},
            terms=terms or Terms(),
            engines=set(),
        )

    def for_rows(self, row_count: int) -> Self:
        """This view for work on about so many rows: on one machine few rows are not worth compiling plans for."""
        is_few = self.is_near and row_count <= FEW_ROWS
        return dataclasses.replace(self, spark=self.light) if is_few and self.light else self

    def for_inputs(self, tables: Iterable[str]) -> Self:
        """The same for work that reads all of these tables."""
        return self.for_rows(sum(map(self.row_count, tables))) if self.is_near and self.light else self

    def gathered(self, rows: DataFrame) -> DataFrame:
        """Rows in one partition in a view for few rows: what groups and orders them then needs no exchange."""
        return rows.coalesce(1) if self.light is not None and self.spark is self.light else rows

    def path(self, table: str) -> str:
        """Where this lake's own table is or will be."""
        return table_path(self.root, table)

    def source(self, table: str) -> str:
        """Where a table is read from: in a replay the base, until the replay has written its own.

        A table that the base does not have (in a first night: all) is not there until then, whatever came later.
        """
        own = self.path(table)
        if self.base is None or table not in self.base.versions or delta_log.latest_version(own) is not None:
            return own
        return table_path(self.base.root, table)

    def version(self, table: str) -> int | None:
        """The table's newest version (in a replay that of its base), None when it does not exist."""
        own = delta_log.latest_version(self.path(table))
        return own if own is not None or self.base is None else self.base.versions.get(table)

    def exists(self, table: str) -> bool:
        """Whether the table has been written."""
        return self.version(table) is not None

    def pin(self, table: str) -> int | None:
        """The version that this job reads, whatever is published meanwhile; None where there is none.

        Raises:
            LakehouseError: the job did not declare that it reads the table.
        """
        if table not in self.pinned:
            self.terms.make_sure_of(self.job, table)
            self.pinned[table] = None if self.is_of_older_contract(table) else self.version(table)
        return self.pinned[table]

    def leave_open(self, table: str) -> None:
        """What this job has read of a table is not all done: it runs again next time, though nothing changes."""
        self.pinned[table] = None

    def is_of_older_contract(self, table: str) -> bool:
        """Whether the table was last published by an older major version of its contract.

        Its rows are then not readable as this one's, and the next publish begins the table anew.
        """
        wanted = self.contracts[table].major if table in self.contracts else 1
        if wanted == 1 or (last := delta_log.last_publish(self.source(table), self.version(table))) is None:
            return False
        return int(str(last.recorded.get("contract_version", "1")).split(".")[0]) < wanted

    def read(self, table: str, version: int | None = None) -> DataFrame:
        """The table as this job sees it; an empty DataFrame by its contract where it does not exist."""
        wanted = self.pin(table) if version is None else version
        if wanted is None:
            return self.empty(table)
        source = self.source(table)
        if self.is_near and (rows := rs_tables.scan(self.spark, source, wanted)) is not None:
            return rows
        reader = self.spark.read.format("delta")
        if wanted != delta_log.latest_version(source):
            reader = reader.option("versionAsOf", wanted)
        return reader.load(source)

    def as_published(self, table: str) -> DataFrame:
        """In a replay: the table as the old night left it, for what it was told from outside (a registry's numbers)."""
        version = self.base.published.get(table) if self.base else None
        if self.base is None or version is None:
            return self.empty(table)
        return self.spark.read.format("delta").option("versionAsOf", version).load(table_path(self.base.root, table))

    def empty(self, table: str) -> DataFrame:
        """No rows, in the columns of the table's contract."""
        return rs_tables.empty(self.spark, self.contracts[table].schema())

    def is_appended(self, table: str, since: int) -> bool:
        """Whether every commit after version `since` added rows and changed none."""
        newest = self.pin(table)
        return newest is not None and since <= newest and delta_log.only_appended(self.source(table), since, newest)

    def is_rewritten(self, table: str, since: int) -> bool:
        """Whether a commit after version `since` wrote the table whole: its job's code or conf changed."""
        newest = self.pin(table)
        return newest is not None and (since > newest or delta_log.is_rewritten(self.source(table), since, newest))

    def is_published(self, table: str) -> bool:
        """Whether the table has rows by a publish, or none by one; a killed night may leave it made and no more."""
        return delta_log.last_publish(self.source(table), self.version(table)) is not None

    def is_current(self, table: str) -> bool:
        """Whether the table was last published by this very code and configuration, or by what counts as it."""
        last = delta_log.last_publish(self.source(table), self.version(table))
        return last is not None and self.is_same(last.recorded.get("job_hash"))

    def is_same(self, job_hash: str | None) -> bool:
        """Whether a hash is this job's own, or counts as it because its change was accepted."""
        return job_hash is not None and (job_hash == self.job_hash or job_hash in self.terms.same_hashes)

    @property
    def learned_hash(self) -> str:
        """What names the code and settings by which this job would learn what it keeps (a model)."""
        return self.terms.learned_hash or self.job_hash

    def is_learned_alike(self, learned_hash: str) -> bool:
        """Whether what was learned by this hash would be learned alike now."""
        return learned_hash == self.learned_hash or learned_hash in self.terms.same_learned_hashes

    def new_row_count(self, table: str, since: int | None) -> int:
        """How many rows append commits added after version `since` (None: all), from the log alone."""
        if since is None:
            return self.row_count(table)
        return delta_log.rows_added(self.source(table), since, self.pin(table))

    def row_count(self, table: str) -> int:
        """Rows of the table as this job sees it, from the log; 0 where it does not exist."""
        return 0 if self.pin(table) is None else delta_log.row_count(self.source(table), self.pin(table))

    def stored_bytes(self, table: str) -> int:
        """The size of the table's files, 0 where it does not exist."""
        return 0 if self.pin(table) is None else delta_log.stored_bytes(self.source(table), self.pin(table))

    def note(self, table: str, text: str) -> None:
        """Keep a sentence for humans: why a table is empty or partial, and what it would need."""
        self.notes.append(f"{table}: {text}")

    def record(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Buffer rows for an ops table; they are written when the step ends, or by `flush`."""
        self.run.record(table, rows)

    def flush(self, *tables: str) -> None:
        """Append the buffered rows of these ops tables (all where none is named), one commit each."""
        self.run.flush(self.root, self.contracts, *tables)

    def persist(self, rows: DataFrame, row_count: int) -> DataFrame:
        """Rows that several passes read, computed once: collected where they are few, else cached until `unpersist`.

        Args:
            row_count: about how many there are.
        """
        if self.is_near and row_count <= FEW_ROWS:
            return self.spark.createDataFrame(rows.toArrow(), rows.schema)
        self.cached.append(rows.persist())
        return self.cached[-1]

    def unpersist(self) -> None:
        """Let go of what this job has cached."""
        while self.cached:
            self.cached.pop().unpersist()
