"""A history of periods in the lake: tonight's state of it, and its publish, which writes only what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jobs.gold.membership import periods
from jobs.gold.membership.definitions import Rule, named
from lakehouse.delta import rs_tables
from lakehouse.sql.query import Query, Table

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

LEDGER = "identity.customer_id_ledger"


@dataclass(frozen=True)
class History:
    """Where periods are kept.

    table: a contract whose columns are periods.COLUMNS with `name` called as `label` says; it may leave some out.
    before: where memberships stood before there was a history, customer_id, `label` and since; "" for nowhere.
    """

    table: str
    label: str
    columns: tuple[str, ...]
    before: str = ""


@dataclass(frozen=True)
class Stored:
    """The table that last night's memberships are in, its columns, and how a query names its rows."""

    table: str
    columns: frozenset[str]
    rows: Table

    @property
    def is_present(self) -> bool:
        """Whether it is a history of the present contract: a night writes only what changed in it."""
        return "valid_to" in self.columns


def stored(lake: "Lake", history: History) -> Stored:
    """Where last night's memberships are."""
    table = history.before if history.before and not lake.exists(history.table) else history.table
    if lake.is_of_older_contract(table):  # nobody else reads it as it was: who had a tag since when is not lost
        rows = lake.read(table, lake.version(table))
        return Stored(table, frozenset(rows.columns), rows)
    version = lake.pin(table)
    if version is None or not lake.is_local:
        return Stored(table, frozenset(lake.read(table).columns), table)
    return Stored(table, frozenset(rs_tables.columns(lake.source(table), version)), table)


def state(lake: "Lake", history: History, rules: Sequence[Rule], now: Table, run_date: date) -> Table:
    """The history after tonight: periods.COLUMNS.

    Args:
        now: customer_id, name, evidence of members.members.
    """
    last = stored(lake, history)
    most = lake.row_count(last.table) + lake.row_count("gold.customer_profile") * max(1, len(rules))
    return lake.materialise(state_query(last, history.label, named(rules), now, run_date), most)


def state_query(last: Stored, label: str, rules: Table, now: Table, run_date: date) -> Query:
    """The history after tonight.

    Args:
        rules: the rules' names and keys (definitions.named).
    """
    steps = {"history": history_sql(last, label), **periods.steps(run_date)}
    tables: dict[str, Table] = {"stored": last.rows, "now": now, "rules": rules, "ledger": LEDGER}
    columns = ", ".join(f"{name} {kind}" for name, kind in periods.COLUMNS.items())
    return Query("SELECT * FROM {state}", tables, steps, answers=columns)


def publish(lake: "Lake", history: History, after: Table, run_date: date) -> None:
    """Write the rows that changed; a night that is repeated, or finds an older form, writes all."""
    last = stored(lake, history)
    most = lake.row_count(last.table) + lake.row_count("gold.customer_profile")
    if last.is_present and not lake.fetch(repeated_query(last, history.label, run_date))["row_count"][0].as_py():
        lake.publish(history.table, lake.rows(changed_query(last, history, after), most), run_date, mode="merge")
    else:
        lake.publish(history.table, lake.rows(whole_query(history, after), most), run_date, mode="replace")


def names(lake: "Lake", after: Table) -> set[str]:
    """The names that a customer bears tonight."""
    return set(lake.fetch(names_query(after)).column("name").to_pylist())


def names_query(after: Table) -> Query:
    """The names that a customer bears."""
    sql = "SELECT DISTINCT name FROM {state} WHERE valid_to IS NULL"
    return Query(sql, {"state": after}, answers="name STRING")


def history_queries(history: History, now: Query, run_date: date) -> Iterator[Query]:
    """All queries by which a history is kept that has periods already, for a check.

    Args:
        now: whom the rules hold for.
    """
    last = Stored(history.table, frozenset({"customer_id", history.label, *history.columns}), history.table)
    after = state_query(last, history.label, named([]), now, run_date)
    yield from (after, repeated_query(last, history.label, run_date))
    yield from (changed_query(last, history, after), whole_query(history, after))


def shown(history: History) -> str:
    """The columns of the history's table, of rows of periods.COLUMNS."""
    columns = ("customer_id", "name", *history.columns)
    return ", ".join(f"name AS {history.label}" if c == "name" else c for c in columns)


def changed_query(last: Stored, history: History, after: Table) -> Query:
    """The rows of the table that are other than last night."""
    steps = {"history": history_sql(last, history.label), "changed": periods.changed_sql(history.columns)}
    tables: dict[str, Table] = {"stored": last.rows, "rules": named([]), "state": after}
    return Query(f"SELECT {shown(history)} FROM {{changed}}", tables, steps, answers=history.table)


def whole_query(history: History, after: Table) -> Query:
    """All rows of the table."""
    return Query(f"SELECT {shown(history)} FROM {{state}}", {"state": after}, answers=history.table)


def repeated_query(last: Stored, label: str, run_date: date) -> Query:
    """How many rows of the history know this night already."""
    tables: dict[str, Table] = {"stored": last.rows, "rules": named([])}
    steps = {"history": history_sql(last, label)}
    return Query(periods.repeated_sql(run_date), tables, steps, answers="row_count BIGINT")


def history_sql(last: Stored, label: str) -> str:
    """{stored} as periods; what an older form did not keep is as if nothing had changed since."""
    has = last.columns
    version = "s.rule_version" if "rule_version" in has else "''"
    plain = {
        "customer_id": "s.customer_id",
        "name": f"s.{label}",
        "valid_from": "s.since",
        "valid_to": "s.until" if "until" in has else "CAST(NULL AS DATE)",
        "end_reason": "CAST(NULL AS STRING)",
        "rule_version": version,
        "rule_hash": "coalesce(k.rule_hash, '')",
        "evidence": "CAST(NULL AS STRING)",
        "unbroken_since": "s.since",
        "rule_held_until": "s.until" if "until" in has else "CAST(NULL AS DATE)",
        "current_customer_id": "s.customer_id",
    }
    chosen = ", ".join(f"s.{c} AS {c}" if c in has else f"{plain[c]} AS {c}" for c in periods.COLUMNS)
    return f"""SELECT {chosen} FROM {{stored}} s
               LEFT JOIN {{rules}} k ON s.{label} = k.name AND {version} = k.rule_version"""
