"""Activation: who may be written to, by segment, on a channel that they agreed to.

Reads   gold.segments, identity.customer_map, silver.consents
Writes  activation.audiences, one row per audience and customer, with the account to write to
"""

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.activation.settings.audiences import Settings
from lakehouse.lake.lake import Lake

READS = ("gold.segments", "identity.customer_map", "silver.consents")
WRITES = "activation.audiences"
CONF = "audiences"
MOST_PURPOSES = 100  # in a note
LINEAGE = {
    WRITES: {
        "audience": ("gold.segments.segment",),
        "customer_id": ("gold.segments.customer_id",),
        "account_id": ("identity.customer_map.account_id",),
        "channel": ("identity.customer_map.channel",),
        "reason": ("gold.segments.segment", "silver.consents.purpose"),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish the audiences; a note says why one is empty."""
    segments, customer_map, consents = (lake.read(table) for table in READS)
    lake.publish(WRITES, audiences(segments, customer_map, consents, settings), run_date)
    if not lake.exists("silver.consents"):
        lake.note(WRITES, "no export has target silver.consents: without consent nobody may be written to")
        return
    allowed = may_be_written_to(customer_map, consents, settings.purpose)
    counted = {row["segment"]: (row["customers"], row["allowed"]) for row in reached(segments, allowed).collect()}
    purposes = sorted(row["purpose"] for row in consents.select("purpose").distinct().limit(MOST_PURPOSES).collect())
    for note in why_empty(settings, counted, purposes):
        lake.note(WRITES, note)


def audiences(segments: DataFrame, customer_map: DataFrame, consents: DataFrame, settings: Settings) -> DataFrame:
    """One row per audience and customer.

    Args:
        segments: customer_id, segment.
        customer_map: account_id, channel, customer_id.
        consents: account_id, purpose, is_granted; a refusal of any account of a customer counts for all of them.

    Returns:
        audience, customer_id, account_id, channel, reason.
    """
    allowed = may_be_written_to(customer_map, consents, settings.purpose)
    chosen = segments.where(F.col("segment").isin(list(settings.segments)))
    return chosen.join(allowed, "customer_id").select(
        F.col("segment").alias("audience"),
        "customer_id",
        "account_id",
        "channel",
        F.concat(F.lit("in segment "), "segment", F.lit(f"; agreed to {settings.purpose}")).alias("reason"),
    )


def reached(segments: DataFrame, allowed: DataFrame) -> DataFrame:
    """segment, customers (in it), allowed (of them, who may be written to); one row per segment."""
    who = segments.join(allowed.select("customer_id", F.lit(1).alias("one")), "customer_id", "left")
    return who.groupBy("segment").agg(F.count(F.lit(1)).alias("customers"), F.count("one").alias("allowed"))


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


def may_be_written_to(customer_map: DataFrame, consents: DataFrame, purpose: str) -> DataFrame:
    """Customers of whom an account agreed and none refused, with the first agreeing account."""
    answers = consents.where(F.col("purpose") == purpose).select("account_id", "is_granted")
    of_customers = customer_map.join(answers, "account_id")
    return (
        of_customers.groupBy("customer_id")
        .agg(
            F.bool_and(F.coalesce("is_granted", F.lit(False))).alias("all_agree"),
            F.min(F.struct("account_id", "channel")).alias("first"),
        )
        .where("all_agree")
        .select("customer_id", "first.account_id", "first.channel")
    )
