"""Silver: one row per account of a channel, newest version, accounts known from events alone included.

Of a customer known from lines of sales, the name is what most lines say, over all deliveries.

Reads   bronze.* (the exports with target silver.customers), and the silver tables whose rows name accounts
Writes  silver.customers, quarantine.customers
"""

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming import conform
from jobs.silver.conforming.accounting import Account
from jobs.silver.conforming.conform import Batch
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake

READS = (
    "bronze.*",
    "silver.orders",
    "silver.interactions",
    "silver.campaign_contacts",
    "silver.coupon_redemptions",
    "silver.consents",
    "silver.demographics",
    "silver.feedback",
    "silver.telemetry",
)
READS_PREVIOUS = ("silver.customers",)
WRITES = ("silver.customers", "quarantine.customers")
EVENTS = READS[1:]
SOURCE = ("_run_date", "_source_file", "_source_line", "_export")
OLDEST_BIRTH_YEAR = 1890
LINEAGE = {
    "silver.customers": {
        "account_id": tuple(f"{table}.account_id" for table in EVENTS),
        "channel": ("silver.customers.account_id",),
        "is_event_only": (),
    }
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Publish the accounts that arrived, and those that only events name."""
    batch = conform.new_batch(lake, "silver.customers")
    seen = new_event_accounts(batch)
    if not batch.lines and seen is None:
        conform.ensure_exists(batch, run_date)
        return
    publish(batch, run_date, seen)


def publish(batch: Batch, run_date: date, seen: DataFrame | None) -> None:
    """Master records and event accounts in one commit."""
    rows = batch.lake.empty(batch.table)
    counted: dict[str, Account] = {}
    outcomes = None
    if batch.lines:
        outcomes, counted = conform.settled(batch, run_date, RULES)
        rows = conform.rows_of(outcomes, batch.contract)
    if seen is not None:
        rows = rows.unionByName(event_only(seen, master_accounts(batch, outcomes), batch))
    conform.publish_rows(batch, run_date, rows, counted, is_cached=seen is None and outcomes is not None)


def new_event_accounts(batch: Batch) -> DataFrame | None:
    """account_id and SOURCE of what event tables got since the last publish; None where none changed."""
    lake, consumed = batch.lake, batch.lake.consumed(batch.table)
    changed = [
        t for t in EVENTS if lake.version(t) is not None and (batch.is_rebuild or lake.version(t) != consumed.get(t))
    ]
    last = delta_log.last_publish(lake.path(batch.table))
    tables = []
    for table in changed:
        rows = lake.read(table).where(F.col("account_id").isNotNull()).select("account_id", *SOURCE)
        if not (batch.is_rebuild or last is None or lake.is_rewritten(table, consumed.get(table, -1))):
            # what came before that night has been looked at; rows of that night itself may have come after
            rows = rows.where(F.col("_run_date") >= date.fromisoformat(last.recorded["run_date"]))
        tables.append(rows)
    return lake.gathered(reduce(DataFrame.unionByName, tables)) if tables else None


def master_accounts(batch: Batch, outcomes: DataFrame | None) -> DataFrame:
    """Accounts that need no row made of events: they are in the table, or in this batch."""
    stored = batch.lake.read(batch.table).where(F.lit(not batch.is_rebuild)).select("account_id")
    return (
        stored
        if outcomes is None
        else stored.unionByName(conform.rows_of(outcomes, batch.contract).select("account_id"))
    )


def event_only(seen: DataFrame, masters: DataFrame, batch: Batch) -> DataFrame:
    """Rows for accounts without a master record; the first event tells where each came from."""
    first = seen.groupBy("account_id").agg(F.min(F.struct(*SOURCE)).alias("_first"))
    new = first.join(masters, "account_id", "left_anti").select("account_id", "_first.*")
    made = {
        "channel": channel_of(F.col("account_id")),
        "is_lead": F.lit(False),
        "is_event_only": F.lit(True),
        "quality_flags": F.array().cast("array<string>"),
    }
    filled = new.withColumns(made)
    missing = [c for c in batch.contract.columns if c.name not in filled.columns]
    return filled.withColumns({c.name: F.lit(None).cast(c.type) for c in missing}).select(
        *[c.name for c in batch.contract.columns]
    )


def channel_of(account_id: Column) -> Column:
    """The channel of an account: an export may bring accounts of another channel than its own."""
    return F.substring_index(account_id, ":", 1)


def with_account(units: DataFrame) -> DataFrame:
    """Fill what follows from the account."""
    return units.withColumns(
        {
            "channel": channel_of(F.col("account_id")),
            "is_lead": F.coalesce("is_lead", F.lit(False)),
            "is_event_only": F.lit(False),
        }
    )


def customer_flags() -> dict[str, Column]:
    """A birth date that nobody alive can have."""
    born = F.col("birth_date")
    return {"birth_date_impossible": (F.year(born) < OLDEST_BIRTH_YEAR) | (born > F.col("_run_date"))}


RULES = Rules(
    order=Order(source_time=("updated_at",), last_resort="is_event_only"),
    derived=with_account,
    flags=customer_flags,
    spared=("channel",),
    named_by="account_id",
)
