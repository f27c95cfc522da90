"""The way every silver table is made: new bronze lines, mapped, judged, deduplicated, counted, published.

A job of this room says what is particular to its table in `Rules`; all else is here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming import accounting, derive, set_aside
from jobs.silver.conforming.accounting import Account
from jobs.silver.conforming.lasting_names import with_lasting_name
from jobs.silver.conforming.latest import with_outcome
from jobs.silver.conforming.mapping import mapped, told_names
from jobs.silver.conforming.parts import has_parts, with_parts_joined
from jobs.silver.conforming.rules import Rules, itself
from jobs.silver.conforming.sources import Source, sources
from jobs.silver.conforming.units import BROKEN, JoinParts
from lakehouse.contracts.contract import Contract
from lakehouse.lake.lake import Lake
from lakehouse.ops import quarantine
from lakehouse.quality.row_rules import labels

RANGES_FROM_BYTES = 64 << 20


@dataclass
class Batch:
    """New bronze lines for one table."""

    lake: Lake
    table: str
    is_rebuild: bool
    lines: list[tuple[Source, DataFrame]]
    in_parts: frozenset[str] = frozenset()  # exports with files that may be parts of one another

    @property
    def contract(self) -> Contract:
        """The table's contract."""
        return self.lake.contracts[self.table]

    def since(self, export: str) -> int | None:
        """The bronze version that the table has consumed; None: all lines are new."""
        return None if self.is_rebuild else self.lake.consumed(self.table).get(f"bronze.{export}")

    def units(self) -> DataFrame:
        """All units of all targets."""
        zone = self.lake.profile.business_time_zone
        every = [
            mapped(rows, source, self.contract, self._secret, zone, self._join(source)) for source, rows in self.lines
        ]
        return self.lake.gathered(reduce(DataFrame.unionByName, every))

    def _join(self, source: Source) -> JoinParts | None:
        return with_parts_joined if source.export.name in self.in_parts and source.target.group_by else None

    def _secret(self) -> str:
        return self.lake.conf.secret(self.lake.profile.account_secret)


def conform(lake: Lake, run_date: date, table: str, rules: Rules) -> None:
    """Bring a silver table up to date; without new lines no Spark job runs."""
    batch = new_batch(lake, table)
    if not batch.lines:
        ensure_exists(batch, run_date)
        return
    outcomes, counted = settled(batch, run_date, rules)
    publish_rows(batch, run_date, rows_of(outcomes, batch.contract), counted)


def settled(batch: Batch, run_date: date, rules: Rules) -> tuple[DataFrame, dict[str, Account]]:
    """Where every new line goes: units with their outcome, computed once, counted and checked, the faulty set aside."""
    units = batch.units()
    known = facts(batch, units)
    judged = with_judgement(units, batch, rules)
    beside = rules.apart(with_stored(judged, batch, known, rules.base_key))
    if rules.named_by and any(told_names(source, batch.contract) for source, _ in batch.lines):
        beside = with_lasting_name(beside, batch.table, rules.named_by)
    outcomes = with_outcome(beside, batch.contract, rules.order)
    outcomes = batch.lake.persist(outcomes, known.line_count)
    return outcomes, settle(batch, run_date, outcomes, known)


def new_batch(lake: Lake, table: str, beside: tuple[str, ...] = ()) -> Batch:
    """The lines that came since the table's last publish; all of them after a change of code or conf.

    Args:
        beside: tables by which lines are judged: when one of them was made anew, all lines are judged anew.
    """
    consumed = lake.consumed(table)
    if any(name in consumed and lake.is_rewritten(name, consumed[name]) for name in beside):
        consumed = {}
    if any(not lake.is_appended(bronze, since) for bronze, since in consumed.items() if bronze.startswith("bronze.")):
        consumed = {}  # an export was read again in another way: what was made of its old lines goes
    fresh = []
    targets = sources(lake.conf.exports(), table)
    if any(_may_end_rows(source) and _has_news(lake, source, consumed) for source in targets):
        consumed = {}  # what left a whole list, or was deleted, is gone: the table is made anew of all that counts
    for source in targets:
        bronze = f"bronze.{source.export.name}"
        version, since = lake.version(bronze), consumed.get(bronze)
        if version is not None and (since is None or version > since):
            fresh.append((source, bronze, since))
    if lake.row_count(table) <= lake.profile.collect_up_to_rows:  # what is stored of the same keys is looked at, too
        lake = lake.for_rows(sum(lake.new_row_count(bronze, since) for _, bronze, since in fresh))
    lines = [(source, lake.gathered(lake.new_rows(bronze, since=since))) for source, bronze, since in fresh]
    in_parts = frozenset(source.export.name for source, _ in lines if has_parts(lake, source.export.name))
    return Batch(lake, table, not consumed or not lake.exists(table), lines, in_parts)


def _may_end_rows(source: Source) -> bool:
    """Whether a delivery can say that rows of before are gone."""
    return source.export.snapshot or bool(source.target.deleted)


def _has_news(lake: Lake, source: Source, consumed: dict[str, int]) -> bool:
    """Whether an export has lines that the table has not read."""
    bronze = f"bronze.{source.export.name}"
    version = lake.version(bronze)
    return version is not None and version > consumed.get(bronze, -1)


def ensure_exists(batch: Batch, run_date: date) -> None:
    """A table that nothing fills is published empty, with the reason."""
    lake, table = batch.lake, batch.table
    targets = sources(lake.conf.exports(), table)
    if not any(lake.exists(f"bronze.{s.export.name}") for s in targets):
        explain_absence(lake, table, targets)
    if not batch.is_rebuild or (lake.is_current(table) and not lake.reprocessed.get(table)):
        return
    set_aside.emptied(lake, quarantine.beside(table), run_date)
    lake.publish(table, lake.empty(table), run_date, mode="replace")


def explain_absence(lake: Lake, table: str, targets: list[Source]) -> None:
    """Say why a table is empty."""
    names = ", ".join(sorted({s.export.name for s in targets}))
    lake.note(table, f"no file of {names} has arrived yet" if targets else f"no export has target {table}")


def with_judgement(units: DataFrame, batch: Batch, rules: Rules) -> DataFrame:
    """Derive columns, then say of each unit what is wrong, odd, or not wanted.

    In `_reasons`, `quality_flags` and `_discard`.
    """
    contract = batch.contract
    rows = rules.derived(derive.with_days(units, batch.lake.profile.business_time_zone))
    faults = derive.missing_faults(contract, rules.spared) | derive.future_faults(contract) | rules.faults()
    is_broken = F.col("_rule").isin(*BROKEN)
    reasons = F.when(is_broken, F.array("_rule")).when(F.col("_rule").isNull(), labels(faults)).otherwise(labels({}))
    discard = F.when(~is_broken, F.col("_rule"))
    for rule, condition in rules.discards().items():
        discard = F.coalesce(discard, F.when((F.size("_reasons") == 0) & condition, rule))
    return (
        rows.withColumn("_reasons", reasons)
        .withColumn("_discard", discard)
        .withColumn("quality_flags", F.concat("_flags", labels(table_flags(batch, rules))))
        .withColumn("_is_stored", F.lit(False))
        .select(*[c.name for c in contract.columns], *UNIT_STATE)
    )


def table_flags(batch: Batch, rules: Rules) -> dict[str, Column]:
    """The table's flags; a target that judges one of them itself, on what only it can see, is believed."""
    own = {name for source, _ in batch.lines for name in source.target.flags}
    return {
        name: condition & ~F.array_contains("_own_flags", name) if name in own else condition
        for name, condition in rules.flags().items()
    }


UNIT_STATE = ("_item", "_lines", "_first", "_bronze_version", "_reasons", "_discard", "_is_stored")


@dataclass(frozen=True)
class Facts:
    """A batch before it is deduplicated: bronze lines per export, and ranges of the first key column."""

    lines: dict[str, int]
    ranges: list[tuple[str, str]]

    @property
    def line_count(self) -> int:
        """New lines of all exports; about as many units there will be."""
        return sum(self.lines.values())


def facts(batch: Batch, units: DataFrame) -> Facts:
    """Count bronze lines apart from the mapping, from bronze's own log, and find the range of keys where that helps.

    A range per export lets Delta pass over files that hold none of the batch's keys; a small table is read faster whole
    than the range is found.
    """
    lines: dict[str, int] = {}
    for source, _ in batch.lines:  # a line counts once per target of the table
        name = source.export.name
        lines[name] = lines.get(name, 0) + batch.lake.new_row_count(f"bronze.{name}", batch.since(name))
    if batch.is_rebuild or batch.lake.stored_bytes(batch.table) < RANGES_FROM_BYTES:
        return Facts(lines, [])
    key = F.col(batch.contract.key[0])
    spans = units.groupBy("_export").agg(F.min(key).alias("low"), F.max(key).alias("high")).collect()  # one per export
    return Facts(lines, [(row["low"], row["high"]) for row in spans if row["low"] is not None])


def with_stored(
    judged: DataFrame, batch: Batch, known: Facts, base_key: Callable[[Column], Column] = itself
) -> DataFrame:
    """Set the table's own rows of the same keys beside the batch; a rebuild starts from nothing."""
    if batch.is_rebuild:
        return judged
    key = list(batch.contract.key)
    stored = batch.lake.read(batch.table)
    if known.ranges:
        stored = stored.where(in_ranges(F.col(key[0]), known.ranges))
    if base_key is itself:
        same_keys = stored.join(F.broadcast(judged.select(*key).distinct()), key, "left_semi")
    else:
        wanted = judged.select(base_key(F.col(key[0])).alias("_base")).distinct()
        same_keys = stored.withColumn("_base", base_key(F.col(key[0]))).join(F.broadcast(wanted), "_base", "left_semi")
    state = {
        "_item": F.lit(None).cast("int"),
        "_lines": F.lit(0).cast("bigint"),
        "_first": F.lit(0).cast("bigint"),
        "_bronze_version": F.lit(None).cast("bigint"),
        "_reasons": labels({}),
        "_discard": F.lit(None).cast("string"),
        "_is_stored": F.lit(True),
    }
    return batch.lake.gathered(judged.unionByName(same_keys.withColumns(state).select(judged.columns)))


def in_ranges(key: Column, ranges: list[tuple[str, str]]) -> Column:
    """Whether a key lies in one of the ranges, ends included."""
    return reduce(Column.__or__, [key.between(low, f"{high}\uffff") for low, high in ranges])


def settle(batch: Batch, run_date: date, outcomes: DataFrame, known: Facts) -> dict[str, Account]:
    """Count where every line went, hold it against bronze, keep it, and set the faulty aside."""
    counted = accounting.accounts(outcomes)
    accounting.checked(batch.table, counted, known.lines)
    accounting.record(batch.lake, run_date, batch.table, counted)
    lake, aside = batch.lake, quarantine.beside(batch.table)
    names = [f"bronze.{source.export.name}" for source, _ in batch.lines]
    count = sum(account.quarantined for account in counted.values())
    if set_aside.is_to_publish(lake, aside, names, count, batch.is_rebuild):
        set_aside.publish(lake, aside, outcomes, run_date, batch.is_rebuild)
    return counted


def rows_of(outcomes: DataFrame, contract: Contract) -> DataFrame:
    """The units that are rows, in the contract's columns."""
    is_row = F.col("_discard").isNull() & (F.size("_reasons") == 0) & ~F.col("_is_stored")
    return outcomes.where(is_row).select(*[c.name for c in contract.columns])


def publish_rows(
    batch: Batch, run_date: date, rows: DataFrame, counted: dict[str, Account], is_cached: bool = True
) -> None:
    """Replace on a rebuild, append where every key is new (a MERGE costs ten times that), else as the contract."""
    is_new = not any(account.known_rows for account in counted.values())
    mode = "replace" if batch.is_rebuild else "append" if is_new else batch.contract.publish_mode
    batch.lake.publish(batch.table, rows, run_date, mode=mode, is_cached=is_cached)
