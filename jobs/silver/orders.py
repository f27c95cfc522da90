"""Silver: one row per order, latest version; a refund or cancellation is an order of its own, below zero.

Reads   bronze.* (the exports with target silver.orders)
Writes  silver.orders, quarantine.orders

A version of an order is what one file says of it, over however many lines. The version that counts is the one that
the export's `version` puts highest, else that of the newest delivery; it takes the place of the older one even where it
says the same, since its lines (silver.order_lines) may differ. A refund that bears its sale's number stands beside it.
An order whose newest version the export's rules leave out (cancelled since) stands as a cancellation, with no amount.
Where an amount of an order cannot be read, its sum is not known, and it is quarantined whole; an order that seems to
have lost a line which did not parse is flagged `order_incomplete`, or set aside, as conf/currency.yaml says.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming.called_off import with_called_off
from jobs.silver.conforming.conform import Batch, ensure_exists, new_batch, publish_rows, rows_of, settled
from jobs.silver.conforming.currency import converted, with_rate
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.left_out_before import with_left_out_before, without_idle
from jobs.silver.conforming.rules import Rules
from jobs.silver.conforming.sources import sources
from jobs.silver.conforming.told_twice import RULE
from jobs.silver.conforming.units import BROKEN, REFUND
from jobs.silver.settings.currency import Settings
from lakehouse.config.exports import Export
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.orders",)
WRITES = ("silver.orders", "quarantine.orders")
CONF = "currency"
LINEAGE = {
    "silver.orders": {
        "order_date": ("silver.orders.ordered_at",),
        "ordered_at": ("silver.orders.order_date",),
        "order_type": ("silver.orders.total_cents",),
        "currency": (),
        "total_original_cents": ("silver.orders.total_cents",),
        "total_cents": ("silver.orders.total_original_cents",),
        "is_guest": ("silver.orders.account_id",),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Conform what arrived and publish it."""
    batch = new_batch(lake, "silver.orders")
    if not batch.lines:
        ensure_exists(batch, run_date)
        return
    rules = order_rules(settings, lake.profile.reporting_currency, aside_when_told_twice(lake.conf.exports()))
    if any(source.target.discard for source in sources(lake.conf.exports(), "silver.orders")):
        rules = replace(rules, apart=lambda units: with_cancellations(units, batch, rules))
    outcomes, counted = settled(batch, run_date, rules)
    publish_rows(batch, run_date, rows_of(outcomes, batch.contract), counted)


def with_cancellations(units: DataFrame, batch: Batch, rules: Rules) -> DataFrame:
    """Refunds apart, and orders called off by a newer version, whether it came with them, after them or before them."""
    beside = with_left_out_before(units, batch, rules)
    return without_idle(with_called_off(with_refunds_apart(beside)))


def aside_when_told_twice(exports: Mapping[str, Export]) -> tuple[str, ...]:
    """Exports whose orders are set aside where a file tells them twice."""
    return tuple(name for name, export in exports.items() if export.told_twice == "quarantine")


def order_rules(settings: Settings, reporting_currency: str, once_only: tuple[str, ...] = ()) -> Rules:
    """The table's rules with these rates; orders of exports `once_only` are set aside where they are told twice."""
    return Rules(
        order=Order(source_time=("version_number",), repeats=False),
        derived=lambda units: with_broken_lines(with_amounts(units, settings, reporting_currency)),
        faults=lambda: order_faults(settings.incomplete_orders, once_only),
        flags=lambda: {"order_incomplete": F.col("_has_broken_line")},
        spared=("total_cents",),
        base_key=base_id,
        apart=with_refunds_apart,
    )


def with_broken_lines(units: DataFrame) -> DataFrame:
    """Add `_has_broken_line`: a line of the same file that did not parse seems to belong to the order."""
    is_broken = F.col("_rule").isin(*BROKEN) & F.col("order_id").isNotNull()
    # units without a number need no neighbours: each is alone, or one key would hold all of them
    alone = F.when(F.col("order_id").isNull(), F.xxhash64("_source_line", "_item"))
    of_order = Window.partitionBy("order_id", "_source_file", alone)
    return units.withColumn("_has_broken_line", F.coalesce(F.max(is_broken).over(of_order), F.lit(False)))


def base_id(order_id: Column) -> Column:
    """The order's number as its export writes it."""
    return F.substring_index(order_id, REFUND, 1)


def with_refunds_apart(units: DataFrame) -> DataFrame:
    """A refund that bears its sale's number is an order of its own: it gets a number from the instant it happened.

    A stored refund whose sale comes later is taken again under that number.
    """
    is_candidate = F.col("_discard").isNull() & (F.size("_reasons") == 0)
    same_number = Window.partitionBy(base_id(F.col("order_id")), F.when(~is_candidate, F.xxhash64("_source_line")))
    has_sale = F.max(is_candidate & (F.col("order_type") == "sale")).over(same_number)
    is_unmarked = ~F.contains("order_id", F.lit(REFUND))
    shares = is_candidate & (F.col("order_type") == "refund") & is_unmarked & has_sale
    own = F.concat("order_id", F.lit(REFUND), F.date_format("ordered_at", "yyyyMMddHHmmss"))
    marked = units.withColumn("_shares", F.coalesce(shares, F.lit(False)))
    # twice the row, not twice the plan: a union would map and judge every line again
    copies = F.when(F.col("_shares") & F.col("_is_stored"), F.array(F.lit(False), F.lit(True)))
    doubled = marked.withColumn("_is_again", F.explode(F.coalesce(copies, F.array(F.lit(False)))))
    gets_own = F.col("_is_again") | (F.col("_shares") & ~F.col("_is_stored"))
    apart = {
        "order_id": F.when(gets_own, own).otherwise(F.col("order_id")),
        "_is_stored": F.col("_is_stored") & ~F.col("_is_again"),
    }
    return doubled.withColumns(apart).drop("_shares", "_is_again")


def with_amounts(units: DataFrame, settings: Settings, reporting_currency: str) -> DataFrame:
    """Fill currency, amounts in both currencies, order_type and is_guest where they are not mapped."""
    named = units.withColumn("currency", F.coalesce(F.upper(F.trim("currency")), F.lit(reporting_currency)))
    original = F.coalesce("total_original_cents", "total_cents")
    # a total mapped beside the original one is the company's own conversion: its books count
    is_converted = F.col("total_original_cents").isNotNull() & F.col("total_cents").isNotNull()
    total = F.when(is_converted, F.col("total_cents")).otherwise(converted(original))
    amounts = {
        "total_original_cents": original,
        "total_cents": total,
        "discount_cents": converted(F.col("discount_cents")),
    }
    paid = with_rate(named, settings, reporting_currency).withColumns(amounts)
    kind = F.when(F.col("total_cents") < 0, "refund").otherwise("sale")
    return paid.withColumns({"order_type": F.coalesce("order_type", kind), "is_guest": F.col("account_id").isNull()})


def order_faults(incomplete_orders: str = "flag", once_only: tuple[str, ...] = ()) -> dict[str, Column]:
    """An amount without a rate would be counted in the wrong currency; an order without one of its lines, too low.

    An order that its file tells twice would count double.
    """
    faults = {"rate_missing": F.col("total_cents").isNull() & F.col("total_original_cents").isNotNull()}
    if incomplete_orders == "quarantine":
        faults["order_incomplete"] = F.col("_has_broken_line")
    if once_only:
        faults[RULE] = F.array_contains("_flags", RULE) & F.col("_export").isin(*once_only)
    return faults
