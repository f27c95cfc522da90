"""Activation: who may be written to, by segment, on a channel that they agreed to.

Reads   gold.segments, identity.customer_map, silver.consents
Writes  activation.audiences, one row per audience and customer, with the account to write to
"""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.lake.lake import Lake

READS = ("gold.segments", "identity.customer_map", "silver.consents")
WRITES = "activation.audiences"
CONF = "audiences"
LINEAGE = {
    WRITES: {
        "audience": ("gold.segments.segment",),
        "customer_id": ("gold.segments.customer_id",),
        "account_id": ("identity.customer_map.account_id",),
        "channel": ("identity.customer_map.channel",),
        "reason": ("gold.segments.segment", "silver.consents.purpose"),
    }
}


@dataclass(frozen=True)
class Settings:
    """conf/audiences.yaml: the purpose that a consent must be given for, and the segments that become audiences."""

    purpose: str
    segments: tuple[str, ...]


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish the audiences; without consents nobody may be written to."""
    segments, customer_map, consents = (lake.read(table) for table in READS)
    if not lake.exists("silver.consents"):
        lake.note(WRITES, "no export has target silver.consents: without consent nobody may be written to")
    lake.publish(WRITES, audiences(segments, customer_map, consents, settings), run_date)


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


def may_be_written_to(customer_map: DataFrame, consents: DataFrame, purpose: str) -> DataFrame:
    """Customers of whom an account agreed and none refused, with the first agreeing account."""
    asked = consents.where(F.col("purpose") == purpose).select("account_id", "is_granted")
    said = customer_map.join(asked, "account_id")
    return (
        said.groupBy("customer_id")
        .agg(
            F.bool_and(F.coalesce("is_granted", F.lit(False))).alias("all_agree"),
            F.min(F.struct("account_id", "channel")).alias("first"),
        )
        .where("all_agree")
        .select("customer_id", "first.account_id", "first.channel")
    )
