"""Activation: who may be written to, by segment, on a channel that they agreed to.

Reads   gold.segments, identity.customer_map, silver.consents
Writes  activation.audiences, one row per audience and customer, with the account to write to
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jobs.activation.settings.audiences import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import literal
from lakehouse.sql.query import Query

READS = ("gold.segments", "identity.customer_map", "silver.consents")
WRITES = "activation.audiences"
CONF = "audiences"
MOST_NAMES = 1000  # segments and purposes, in notes
TABLES = dict(zip(("segments", "customer_map", "consents"), READS, strict=True))


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish the audiences; a note says why one is empty."""
    most = lake.row_count("gold.segments")
    lake.publish(WRITES, lake.rows(audiences_query(settings), most), run_date)
    if not lake.exists("silver.consents"):
        lake.note(WRITES, "no export has target silver.consents: without consent nobody may be written to")
        return
    found = lake.fetch(reach_query(settings)).to_pylist()
    counted = {row["segment"]: (row["customers"], row["allowed"]) for row in found if row["segment"] is not None}
    purposes = sorted(row["purpose"] for row in found if row["purpose"] is not None)
    for note in why_empty(settings, counted, purposes):
        lake.note(WRITES, note)


def queries(_conf: Conf, _run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (audiences_query(settings), reach_query(settings))


def audiences_query(settings: Settings) -> Query:
    """One row per audience and customer, with the first of the customer's accounts that agreed to the purpose.

    Silence is no consent, and a refusal of any account of a customer counts for all of them.
    """
    reason = f"concat('in segment ', segment, {literal(f'; agreed to {settings.purpose}')})"
    sql = f"""
    SELECT s.segment AS audience, s.customer_id, a.account_id, a.channel, {reason} AS reason
    FROM {{segments}} s JOIN {{allowed}} a ON s.customer_id = a.customer_id
    WHERE s.segment IN ({", ".join(map(literal, settings.segments)) or "NULL"})"""
    return Query(sql, TABLES, {"allowed": allowed_sql(settings.purpose)}, answers=WRITES)


def allowed_sql(purpose: str) -> str:
    """customer_id, account_id, channel: who agreed with an account and refused with none."""
    return f"""
    SELECT m.customer_id, min(m.account_id) AS account_id, min_by(m.channel, m.account_id) AS channel
    FROM {{customer_map}} m JOIN {{consents}} c ON m.account_id = c.account_id
    WHERE c.purpose = {literal(purpose)}
    GROUP BY m.customer_id HAVING bool_and(coalesce(c.is_granted, false))"""


def reach_query(settings: Settings) -> Query:
    """Customers of each segment, and how many of them may be written to; and all purposes that consents are for."""
    sql = f"""
    SELECT s.segment, CAST(NULL AS STRING) AS purpose, count(*) AS customers, count(a.customer_id) AS allowed
    FROM {{segments}} s LEFT JOIN {{allowed}} a ON s.customer_id = a.customer_id GROUP BY s.segment
    UNION ALL
    SELECT NULL, purpose, 0, 0 FROM (SELECT DISTINCT purpose FROM {{consents}} LIMIT {MOST_NAMES}) p"""
    answers = "segment STRING, purpose STRING, customers BIGINT, allowed BIGINT"
    return Query(sql, TABLES, {"allowed": allowed_sql(settings.purpose)}, answers=answers)


def why_empty(settings: Settings, counted: Mapping[str, tuple[int, int]], purposes: Sequence[str]) -> list[str]:
    """A note for each audience without a customer.

    Args:
        counted: segment -> its customers, and how many of them may be written to.
        purposes: the purposes that consents are for.
    """
    if settings.purpose not in purposes:
        known = ", ".join(purposes) or "nothing at all"
        return [f"every audience is empty: no consent is for {settings.purpose}; consents are for {known}"]
    notes = []
    for segment in settings.segments:
        customers, allowed = counted.get(segment, (0, 0))
        if not customers:
            notes.append(f"the audience {segment} is empty: no customer is in the segment")
        elif not allowed:
            notes.append(f"the audience {segment} is empty: none of its {customers:,} agreed to {settings.purpose}")
    return notes
