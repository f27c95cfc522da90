"""Silver: one row per line of an order's latest version.

Reads   bronze.* (the exports with target silver.order_lines), silver.orders, silver.products
Writes  silver.order_lines, quarantine.order_lines

silver.orders says which version of an order stands (its export and file); lines of other versions are superseded,
and a line without its order goes to quarantine. An export that brings lines alone (headers come in another) is
taken as it is: the newest file that names an order has all its lines. A product that no product row knows is
flagged, once there are products at all; a line whose product arrives later keeps its flag until it is touched.
"""

from collections.abc import Iterator
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming import conform
from jobs.silver.conforming.accounting import OLDER
from jobs.silver.conforming.conform import Batch, Facts
from jobs.silver.conforming.currency import converted, with_rate
from jobs.silver.conforming.latest import Order, with_outcome
from jobs.silver.conforming.parts import is_part_of
from jobs.silver.conforming.rules import Rules
from jobs.silver.conforming.sources import Source
from jobs.silver.conforming.units import REFUND
from jobs.silver.products import with_product_known
from jobs.silver.settings.currency import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("bronze.*", "silver.orders", "silver.products")
READS_PREVIOUS = ("silver.order_lines",)
WRITES = ("silver.order_lines", "quarantine.order_lines")
CONF = "currency"
UNUSUAL_QUANTITY = 100  # above it the till counts another unit: fuel, weight in grams
AMOUNTS = ("sales_cents", "discount_cents", "coupon_cents")
OF_ORDER = (
    "account_id",
    "channel",
    "store_id",
    "order_date",
    "currency",
    "_export",
    "_source_file",
    "_source_line",
    "quality_flags",
)
LINEAGE = {
    "silver.order_lines": {
        "order_date": ("silver.orders.order_date",),
        "account_id": ("silver.orders.account_id",),
        "store_id": ("silver.orders.store_id",),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Convert, settle and publish the lines that arrived."""
    batch = conform.new_batch(lake, "silver.order_lines", beside=("silver.orders",))
    if not batch.lines:
        conform.ensure_exists(batch, run_date)
        return
    lake = batch.lake
    units = batch.units()
    known = conform.facts(batch, units)
    orders, products = lake.read("silver.orders"), lake.read("silver.products")
    if known.ranges:
        orders = orders.where(conform.in_ranges(F.col("order_id"), known.ranges))
    judged = conform.with_judgement(units, batch, line_rules(batch, settings, orders, products))
    outcomes = lake.persist(settled(judged, batch, known), known.line_count)
    counted = conform.settle(batch, run_date, outcomes, known)
    rows = conform.rows_of(outcomes, batch.contract)
    is_new = not any(account.known_rows or account.known_out for account in counted.values())
    mode = "replace" if batch.is_rebuild else "append" if is_new else "replace_group"
    groups = told_anew(outcomes, orders) if mode == "replace_group" else ()
    lake.publish(batch.table, rows, run_date, mode=mode, group=groups, is_cached=True)


def told_anew(outcomes: DataFrame, orders: DataFrame) -> DataFrame:
    """Orders whose lines of before go: they have lines now, or a version that counts and of which no line does."""
    rows = outcomes.where(F.col("_discard").isNull() & (F.size("_reasons") == 0)).select("order_id")
    others = outcomes.where(F.col("_is_known") & ~F.coalesce(F.col("_discard").isin(*OLDER), F.lit(False)))
    standing = orders.select("order_id", "_export", "_source_file")
    return rows.union(others.join(standing, standing.columns, "left_semi").select("order_id")).distinct()


def line_rules(batch: Batch, settings: Settings, orders: DataFrame, products: DataFrame) -> Rules:
    """The table's rules beside these orders and products."""
    lake = batch.lake
    with_header = {
        name for name, export in lake.conf.exports().items() if any(t.table == "silver.orders" for t in export.targets)
    }
    by_line = {s.export.name for s, _ in batch.lines if s.export.name in with_header and holds_whole_order(s)}

    has_refunds = lake.fetch(refunds_query()).num_rows > 0

    def derived(units: DataFrame) -> DataFrame:
        versions = with_version(with_order(units, orders, has_refunds), with_header, by_line)
        priced = with_amounts(versions, settings, lake.profile.reporting_currency)
        return with_product_known(priced, products)

    return Rules(
        derived=derived,
        faults=line_faults,
        flags=line_flags,
        discards=lambda: {"superseded": ~F.col("_is_latest")},
        spared=("sales_cents",),
    )


def holds_whole_order(source: Source) -> bool:
    """Whether one line of the file is one version of an order: items nested in it, orders not grouped."""
    headers = [t for t in source.export.targets if t.table == "silver.orders"]
    return source.target.explode is not None and not any(t.group_by for t in headers)


def queries(_conf: Conf, _run_date: date, _settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield refunds_query()


def refunds_query() -> Query:
    """A row where any refund has a number of its own beside its sale's: most companies have none."""
    sql = f"SELECT order_id FROM {{orders}} WHERE order_id LIKE '%{REFUND}%' LIMIT 1"
    return Query(sql, {"orders": "silver.orders"}, answers="order_id STRING")


def with_order(units: DataFrame, orders: DataFrame, has_refunds: bool = True) -> DataFrame:
    """Set the order beside its line, and fill from it what the line does not say.

    Args:
        has_refunds: whether `orders` may hold refunds under numbers of their own.
    """
    headers = orders.select("order_id", *[F.col(name).alias(f"_order_{name}") for name in OF_ORDER])
    numbered = with_refund(units, headers) if has_refunds else units
    joined = numbered.join(headers, "order_id", "left")
    filled = {name: F.coalesce(name, f"_order_{name}") for name in ("account_id", "store_id", "order_date", "currency")}
    return joined.withColumns(filled)


def with_refund(units: DataFrame, headers: DataFrame) -> DataFrame:
    """Give a line of a refund the refund's number where its file writes the sale's.

    A file's refund takes the lines of its number unless the sale stands in the same file: then the negative ones.
    """
    refunds = headers.where(F.contains("order_id", F.lit(REFUND)))
    of_file = refunds.groupBy(
        F.substring_index("order_id", REFUND, 1).alias("_base"), F.col("_order__source_file").alias("_refund_file")
    ).agg(F.min("order_id").alias("_refund_id"))
    sales = headers.select(F.col("order_id").alias("_sale"), F.col("_order__source_file").alias("_sale_file"))
    found = of_file.join(
        sales, (F.col("_base") == F.col("_sale")) & (F.col("_refund_file") == F.col("_sale_file")), "left"
    )
    is_same = (F.col("order_id") == F.col("_base")) & (F.col("_source_file") == F.col("_refund_file"))
    joined = units.join(F.broadcast(found.drop("_sale_file")), is_same, "left")
    is_refund = F.col("_refund_id").isNotNull() & (F.col("_sale").isNull() | (F.col("sales_cents") < 0))
    numbered = joined.withColumn("order_id", F.when(is_refund, F.col("_refund_id")).otherwise(F.col("order_id")))
    return numbered.drop("_base", "_refund_file", "_refund_id", "_sale")


def with_version(units: DataFrame, with_header: set[str], by_line: set[str]) -> DataFrame:
    """Add `_is_latest` and `_has_order`.

    Args:
        with_header: exports that bring the orders as well: their version is the order's.
        by_line: those of them where each line of the file is a version.
    """
    is_joined = F.array_contains("_order_quality_flags", "joined_from_parts") & is_part_of(
        F.col("_source_file"), F.col("_order__source_file")
    )
    is_file = (F.col("_export") == F.col("_order__export")) & (
        (F.col("_source_file") == F.col("_order__source_file")) | is_joined
    )
    is_line = ~F.col("_export").isin(*by_line) | (F.col("_source_line") == F.col("_order__source_line"))
    has_order = F.col("_order__export").isNotNull()
    is_latest = F.when(has_order & F.col("_export").isin(*with_header), is_file & is_line)
    return units.withColumn("_has_order", has_order | ~F.col("_export").isin(*with_header)).withColumn(
        "_is_latest", is_latest
    )


def with_amounts(units: DataFrame, settings: Settings, reporting_currency: str) -> DataFrame:
    """Amounts in the reporting currency, by the order's currency and day."""
    named = units.withColumn("currency", F.coalesce("currency", F.lit(reporting_currency)))
    rated = with_rate(named.withColumn("_is_priced", F.col("sales_cents").isNotNull()), settings, reporting_currency)
    return rated.withColumns({name: converted(F.col(name)) for name in AMOUNTS})


def line_faults() -> dict[str, Column]:
    """Lines that cannot be used."""
    return {
        "sales_cents_unreadable": ~F.col("_is_priced"),
        "rate_missing": F.col("_is_priced") & F.col("sales_cents").isNull(),
        "order_missing": F.col("order_id").isNotNull() & ~F.col("_has_order"),
    }


def line_flags() -> dict[str, Column]:
    """Real tills do all of this; the lines stay."""
    quantity, sales = F.col("quantity"), F.col("sales_cents")
    return {
        "order_unknown": F.col("_order__export").isNull(),  # its header has not come, or never does
        "product_unknown": ~F.col("_is_product_known"),
        "quantity_zero": quantity == 0,
        "value_zero": sales == 0,
        "quantity_zero_with_money": (quantity == 0) & (sales != 0),
        "value_zero_with_quantity": (quantity > 0) & (sales == 0),
        "quantity_over_100": quantity > UNUSUAL_QUANTITY,
    }


def settled(judged: DataFrame, batch: Batch, known: Facts) -> DataFrame:
    """Add `_is_known` (the table has lines of the order), and settle lines of one number in one version."""
    headerless = [s for s, _ in batch.lines if not any(t.table == "silver.orders" for t in s.export.targets)]
    latest = with_newest_file(judged, {s.export.name for s in headerless}) if headerless else judged
    if not all(is_numbered_by_file(source) for source, _ in batch.lines):
        latest = with_outcome(latest, batch.contract, Order()).drop("_is_known")
    if batch.is_rebuild:
        return latest.withColumn("_is_known", F.lit(False))
    stored = batch.lake.read(batch.table).select("order_id")
    if known.ranges:
        stored = stored.where(conform.in_ranges(F.col("order_id"), known.ranges))
    same = stored.join(F.broadcast(judged.select("order_id").distinct()), "order_id", "left_semi").distinct()
    matched = latest.join(F.broadcast(same.withColumn("_found", F.lit(True))), "order_id", "left")
    return matched.withColumn("_is_known", F.coalesce("_found", F.lit(False))).drop("_found")


def is_numbered_by_file(source: Source) -> bool:
    """Whether line_number cannot repeat within a version: the line of the file, or the place in it."""
    number = source.target.columns.get("line_number")
    if source.target.explode:
        return number is None and holds_whole_order(source)
    return number in (None, "_source_line")


def with_newest_file(judged: DataFrame, exports: set[str]) -> DataFrame:
    """For exports that bring lines alone: the newest file that names an order has all its lines."""
    is_alone = F.col("_export").isin(*exports) & F.col("_discard").isNull() & (F.size("_reasons") == 0)
    arrival = F.struct("_run_date", "_source_file")
    newest = F.max(F.when(is_alone, arrival)).over(Window.partitionBy("order_id"))
    is_old = is_alone & (arrival < newest)
    return judged.withColumn("_discard", F.when(is_old, "superseded").otherwise(F.col("_discard")))
