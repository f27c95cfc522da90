"""What is on record of each tag: who answers for it, since when it is defined so, how often it is right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jobs.gold.histories import validity
from jobs.gold.membership import labels, periods
from jobs.gold.membership.definitions import Rule, definition
from jobs.gold.membership.labels import Precision
from jobs.gold.settings.tags import Tag
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.sql.query import Query, Table

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

REGISTER = "gold.tag_rules"
TOGETHER = {
    "customer_map": "identity.customer_map",
    "customer_profile": "gold.customer_profile",
    "ledger": "identity.customer_id_ledger",
}


def precisions(lake: "Lake", tags: Mapping[str, Tag], now: Table, run_date: date) -> dict[str, Precision]:
    """What label files say of the tags that have one."""
    where = {name: lake.conf.document("tags").where(("tags", name, "labels")) for name in tags if tags[name].labels}
    if not where:
        return {}
    read = [labels.read_labels(n, labels.label_file(lake.conf, tags[n].labels, at), at) for n, at in where.items()]
    return labels.of_labels(lake.fetch(precision_query(pa.concat_tables(read), now, run_date)).to_pylist())


def precision_query(of_labels: Table, now: Table, run_date: date) -> Query:
    """How often each tag is right, by all label files together.

    Args:
        of_labels: columns of labels.LABELS.
        now: whom the rules hold for.
    """
    tables: dict[str, Table] = {**TOGETHER, "labels": of_labels, "now": now}
    counts = ", ".join(f"{field.name} BIGINT" for field in fields(Precision))
    return Query(labels.precision_sql(periods.leads_sql(run_date)), tables, answers=f"tag STRING, {counts}")


def standing_query(state: Table) -> Query:
    """How many customers have each tag tonight."""
    sql = "SELECT name, count(*) AS n FROM {state} WHERE valid_to IS NULL GROUP BY name"
    return Query(sql, {"state": state}, answers="name STRING, n BIGINT")


def register_query() -> Query:
    """All definitions on record."""
    return Query("SELECT * FROM {register}", {"register": REGISTER})


def refused(tags: Mapping[str, Tag], precisions: Mapping[str, Precision]) -> list[str]:
    """Tags that nobody gets because labels do not show that they are right often enough."""
    return [
        name
        for name, tag in tags.items()
        if tag.below_min_precision == "refuse" and name in precisions and precisions[name].is_below(tag.min_precision)
    ]


def register(
    lake: "Lake",
    tags: Mapping[str, Tag],
    rules: Sequence[Rule],
    precisions: Mapping[str, Precision],
    state: Table,
    run_date: date,
) -> pa.Table:
    """gold.tag_rules after tonight: a definition keeps its row while it stands; a changed one begins another.

    Args:
        state: the tags' history after tonight.
    """
    counts = {row["name"]: row["n"] for row in lake.fetch(standing_query(state)).to_pylist()}
    before = validity.rows_as_left(registered(lake), run_date)
    current = {row["tag"]: row for row in before if row["valid_to"] is None}
    now = [_row(r, tags[r.name], precisions.get(r.name), counts.get(r.name, 0), current, run_date) for r in rules]
    kept = {(row["tag"], row["rule_hash"]) for row in now}
    closed = [
        {**row, "valid_to": row["valid_to"] or run_date}
        for row in before
        if row["valid_to"] or (row["tag"], row["rule_hash"]) not in kept
    ]
    return pa.Table.from_pylist([*closed, *now], arrow_schema(lake.contracts[REGISTER]))


def registered(lake: "Lake") -> list[dict[str, Any]]:
    """The definitions on record, those of an older contract under the present names."""
    if lake.is_of_older_contract(REGISTER):
        old = lake.read(REGISTER, lake.version(REGISTER)).toArrow()
        return [validity.in_present_names(row) for row in old.to_pylist()]
    rows: list[dict[str, Any]] = lake.fetch(register_query()).to_pylist()
    return rows


def unversioned(kept: pa.Table, run_date: date) -> list[str]:
    """Tags whose definition changed tonight under a version that another one has.

    Args:
        kept: gold.tag_rules after tonight.
    """
    rows = kept.to_pylist()
    ended = {(row["tag"], row["rule_version"]) for row in rows if row["valid_to"] == run_date}
    return sorted({r["tag"] for r in rows if r["valid_from"] == run_date and (r["tag"], r["rule_version"]) in ended})


def _row(
    rule: Rule, tag: Tag, measured: Precision | None, count: int, current: Mapping[str, dict[str, Any]], run_date: date
) -> dict[str, Any]:
    last = current.get(rule.name)
    interval = measured.interval if measured else None
    return {
        "tag": rule.name,
        "rule_version": tag.version,
        "rule_hash": rule.key,
        "valid_from": last["valid_from"] if last and last["rule_hash"] == rule.key else run_date,
        "valid_to": None,
        "state": rule.closes or "in_force",
        "description": tag.description,
        "owner": tag.owner,
        "purpose": tag.purpose,
        "definition": definition(tag),
        "expires_on": tag.expires_on,
        "valid_days": tag.valid_days,
        "customer_count": count,
        "labelled_count": measured.labelled_count if measured else None,
        "labelled_with_tag_count": measured.tagged_count if measured else None,
        "precision": measured.precision if measured else None,
        "precision_low": interval[0] if interval else None,
        "precision_high": interval[1] if interval else None,
        "min_precision": tag.min_precision,
    }


def notes(
    lake: "Lake", tags: Mapping[str, Tag], rules: Sequence[Rule], precisions: Mapping[str, Precision]
) -> Iterable[str]:
    """What a steward should hear of tonight."""
    if not lake.row_count("gold.customer_profile"):
        yield "no customers are known yet"
    for rule in rules:
        tag, measured = tags[rule.name], precisions.get(rule.name)
        if rule.closes == "expired":
            yield f"{rule.name} expired on {tag.expires_on} and is nobody's; {tag.owner} may give it a later day"
        if measured and measured.is_below(tag.min_precision):
            share = (
                "no labelled customer has it"
                if measured.interval is None
                else (
                    f"{measured.precision:.0%} of {measured.tagged_count} labelled customers have it rightly, with "
                    f"95 % confidence {measured.interval[0]:.0%} or more"
                )
            )
            done = "it is nobody's" if rule.closes == "refused" else "it is given all the same"
            yield f"{rule.name} does not reach its min_precision of {tag.min_precision:.0%}: {share}; {done}"
        if measured and (measured.unknown_count or measured.contradicted_count):
            yield (
                f"{rule.name}: {measured.unknown_count} labels are of nobody known, {measured.contradicted_count} "
                "customers are called both true and false"
            )
