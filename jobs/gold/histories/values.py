"""Histories of what a customer is, such as a state or a group: of its rows a night writes only those that changed.

A night that is repeated with other facts takes back what it had written: rows that it had closed are open again, rows
that it had opened become void (validity.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jobs.gold.histories.validity import stood_sql
from lakehouse.sql.literal import in_query_listed
from lakehouse.sql.query import Query, Table

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

LEDGER = "identity.customer_id_ledger"


@dataclass(frozen=True)
class HistorySpec:
    """A history's columns beside valid_from, valid_to, split_from and merged_into.

    Args:
        table: where it is kept.
        key: what a row is about, customer_id among it.
        values: what is kept of it; a new row begins when the first of these changes.
    """

    table: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the history."""
        return (*self.key, "valid_from", "valid_to", *self.values, "split_from", "merged_into")

    def of(self, alias: str, names: tuple[str, ...]) -> str:
        """Columns of one table."""
        return ", ".join(f"{alias}.{name}" for name in names)

    def same(self, one: str, other: str) -> str:
        """Whether two rows are about the same."""
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in self.key)


def history_steps(run_date: date, spec: HistorySpec) -> dict[str, str]:
    """Named steps over {tonight} (the spec's columns), {history} and {ledger}.

    before: the rows that were valid when the night began; opened, closed, reopened, voided: what the night changes.
    """
    night = f"DATE '{run_date}'"
    row = f"{spec.of('b', spec.key)}, b.valid_from"
    values, changed = spec.of("b", spec.values), f"b.{spec.values[0]} <> t.{spec.values[0]}"
    nobody = "CAST(NULL AS STRING)"
    return {
        "before": f"SELECT * FROM {{history}} WHERE {stood_sql(run_date)}",
        "opened": f"""
            SELECT {spec.of("t", spec.key)}, {night} AS valid_from, CAST(NULL AS DATE) AS valid_to,
                   {spec.of("t", spec.values)}, s.other_customer_id AS split_from, {nobody} AS merged_into
            FROM {{tonight}} t LEFT JOIN {{before}} b ON {spec.same("t", "b")}
            LEFT JOIN ({ledger_sql(night, "split", "restored")}) s
                   ON t.customer_id = s.customer_id AND b.customer_id IS NULL
            WHERE b.customer_id IS NULL OR {changed}""",
        "closed": f"""
            SELECT {row}, {night} AS valid_to, {values}, b.split_from, m.other_customer_id AS merged_into
            FROM {{before}} b LEFT JOIN {{tonight}} t ON {spec.same("b", "t")}
            LEFT JOIN ({ledger_sql(night, "merged")}) m ON b.customer_id = m.customer_id AND t.customer_id IS NULL
            WHERE t.customer_id IS NULL OR {changed}""",
        "reopened": f"""
            SELECT {row}, CAST(NULL AS DATE) AS valid_to, {values}, b.split_from, {nobody} AS merged_into
            FROM {{before}} b JOIN {{tonight}} t ON {spec.same("b", "t")}
            WHERE NOT ({changed}) AND b.valid_to IS NOT NULL""",
        "voided": f"""
            SELECT {row}, b.valid_from AS valid_to, {values}, b.split_from, b.merged_into
            FROM {{history}} b LEFT JOIN {{opened}} o ON {spec.same("b", "o")} AND b.valid_from = o.valid_from
            WHERE b.valid_from >= {night} AND o.customer_id IS NULL
            AND (b.valid_to IS NULL OR b.valid_to > b.valid_from)""",
    }


def changes_sql(spec: HistorySpec) -> str:
    """The rows to merge by the key and valid_from, over the steps."""
    steps = ("opened", "closed", "reopened", "voided")
    return " UNION ALL ".join(f"SELECT {', '.join(spec.columns)} FROM {{{step}}}" for step in steps)


def night_query(
    run_date: date, spec: HistorySpec, tables: Mapping[str, Table], steps: Mapping[str, str], old: Table | None = None
) -> Query:
    """The rows to write: those that changed, or all of them where the stored ones are of an older contract.

    Args:
        tables: {tonight}, which has the spec's columns, is one of them, or of the steps.
        steps: by name.
        old: the answer of `older_rows`.
    """
    known, before = stored(spec, old)
    changes = {**before, **steps, **history_steps(run_date, spec)}
    if old is None:
        return Query(changes_sql(spec), {**tables, **known, "ledger": LEDGER}, changes, answers=spec.table)
    same = f"{spec.same('h', 'c')} AND h.valid_from = c.valid_from"
    kept = f"SELECT {spec.of('h', spec.columns)} FROM {{history}} h LEFT JOIN {{changes}} c ON {same}"
    whole = f"SELECT * FROM {{changes}} UNION ALL {kept} WHERE c.customer_id IS NULL"
    steps = {**changes, "changes": changes_sql(spec)}
    return Query(whole, {**tables, **known, "ledger": LEDGER}, steps, answers=spec.table)


def stored(spec: HistorySpec, old: Table | None) -> tuple[dict[str, Table], dict[str, str]]:
    """{history} as a table, or as a step over {old}, in which valid_to was the last day."""
    if old is None:
        return {"history": spec.table}, {}
    no_longer = "CAST(date_add(valid_to, 1) AS DATE) AS valid_to"  # NULL stays NULL
    columns = ", ".join(no_longer if name == "valid_to" else name for name in spec.columns)
    return {"old": old}, {"history": f"SELECT {columns} FROM {{old}}"}


def older_rows(lake: "Lake", spec: HistorySpec) -> Table | None:
    """The history as an older contract left it; None where it is of the present one."""
    if not lake.is_of_older_contract(spec.table):
        return None
    return lake.read(spec.table, lake.version(spec.table))


def publish_night(lake: "Lake", night: Query, most_rows: int, run_date: date, spec: HistorySpec) -> int:
    """Write a `night_query`, and say how many rows that were."""
    mode = "replace" if lake.is_of_older_contract(spec.table) else "merge"
    return lake.publish(spec.table, lake.rows(night, most_rows), run_date, mode=mode).row_count


def ledger_sql(night: str, *events: str) -> str:
    """The other customer of an event of the night's ledger; of several the first by id."""
    return (
        "SELECT customer_id, min(other_customer_id) AS other_customer_id FROM {ledger} "
        f"WHERE run_date = {night} AND event IN ({in_query_listed(events)}) GROUP BY customer_id"
    )
