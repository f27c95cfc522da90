"""Gold: how many baskets of each day hold which items together, the state that basket rules are made from.

The counts add up: a night counts its new baskets alone. All baskets are counted anew where order lines were replaced or
removed, the products, the code or the configuration changed, or an itemset that is not tracked may have become
frequent.

Reads   silver.order_lines, silver.products
Writes  gold.basket_days, one row per level of the product hierarchy, day, night that brought baskets of that day, and
        part of the itemsets; gold.basket_itemsets, one row per itemset whose baskets are counted
"""

from collections.abc import Iterator, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.baskets.added_days import Tracked, added_to, kept_of, still_all
from jobs.gold.baskets.basket_counts import Counted, count_here, count_over_spark, driver_bytes, too_many_items
from jobs.gold.baskets.basket_items import (
    ITEM,
    Baskets,
    baskets_of,
    baskets_query,
    item_lines,
    items_query,
    line_tables,
)
from jobs.gold.baskets.kept_days import first_rows, itemset_rows, tracked_id
from jobs.gold.product_levels.levels import PRODUCT_LEVEL, known_level, known_query
from jobs.gold.settings.basket_rules import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Appended, Query, Table

READS = ("silver.order_lines", "silver.products")
READS_PREVIOUS = ("gold.basket_days", "gold.basket_itemsets")
WRITES = ("gold.basket_days", "gold.basket_itemsets")
CONF = "basket_rules"

LINES = "silver.order_lines"
# what is kept, by level and day, over {days}, without the counts
KEPT = """SELECT level, order_date, tracked_id, CAST(sum(basket_count) AS BIGINT) AS basket_count,
                 sum(untracked_most) AS untracked_most, max(min_support) AS min_support,
                 max(batch_number) AS batch_number
          FROM {days} WHERE first_itemset = 0 GROUP BY level, order_date, tracked_id ORDER BY level, order_date"""
TRACKED = "SELECT level, itemset_number, itemset FROM {itemsets} ORDER BY level, itemset_number"
DAY, IN_BASKET = ("silver.order_lines.order_date",), ("silver.order_lines.order_id", *ITEM)
LINEAGE = {
    WRITES[0]: {
        "level": (),
        "order_date": DAY,
        "batch_number": (),
        "first_itemset": (),
        "tracked_id": ITEM,
        "min_support": IN_BASKET,
        "basket_count": ("silver.order_lines.order_id",),
        "*": IN_BASKET,
    },
    WRITES[1]: {"level": (), "itemset_number": (), "itemset": ITEM},
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Add the new baskets' counts while that tells everything, else count all baskets."""
    levels = known_levels(lake, settings.levels)
    since = kept_since(lake, levels)
    added = None if since is None else added_rows(lake, run_date, settings, levels, since)
    if added is not None:
        lake.publish(WRITES[0], added, run_date, mode="append")
        return
    counted = {level: count_all(lake, run_date, settings, level) for level in levels}
    rows = [first_rows(level, result, settings, run_date) for level, result in counted.items()]
    for level, result in counted.items():
        if result.min_support > settings.min_support:
            lake.note(WRITES[0], raised(level, result.min_support, settings))
    itemsets = pa.concat_tables([itemset_rows(level, result) for level, result in counted.items()])
    if not itemsets.num_rows:
        lake.note(
            WRITES[1], "nothing is bought often: order lines with a product_id are needed, or a lower min_support"
        )
    lake.publish(WRITES[1], itemsets, run_date, mode="replace")
    lake.publish(WRITES[0], pa.concat_tables(rows), run_date, mode="replace")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (kept_query(), tracked_query())
    for level in settings.levels:
        tables = line_tables(level, settings.excluded_items)
        yield from (known_query(level), items_query(level, tables, 1, settings.max_items + 1))
        yield baskets_query(level, tables, ["an item"])


def kept_query() -> Query:
    """What is kept of each level and day, without the counts."""
    columns = "level STRING, order_date DATE, tracked_id STRING, basket_count BIGINT, untracked_most DOUBLE"
    return Query(KEPT, {"days": WRITES[0]}, answers=f"{columns}, min_support DOUBLE, batch_number INT")


def tracked_query() -> Query:
    """The itemsets whose baskets are counted."""
    columns = "level STRING, itemset_number INT, itemset ARRAY<STRING>"
    return Query(TRACKED, {"itemsets": WRITES[1]}, answers=columns)


def known_levels(lake: Lake, wanted: tuple[str, ...]) -> list[str]:
    """The wanted levels, with product_id in place of those that no product says anything of; each once."""
    return list(dict.fromkeys(known_level(lake, level) for level in wanted))


def kept_since(lake: Lake, levels: list[str]) -> int | None:
    """The version of the order lines up to which baskets are counted; None where the kept counts are of no use."""
    before = lake.consumed(WRITES[0])
    since, newest = before.get(LINES), lake.pin(LINES)
    by_product = all(level == PRODUCT_LEVEL for level in levels)
    if since is None or newest is None:
        return None
    if not by_product and before.get("silver.products") != lake.pin("silver.products"):
        return None
    return since if lake.is_appended(LINES, since) else None


def added_rows(lake: Lake, run_date: date, settings: Settings, levels: list[str], since: int) -> pa.Table | None:
    """The new baskets' counts by day; None where itemsets that are not tracked may have become frequent."""
    known = tracked_levels(lake)
    if set(known) != set(levels):
        return None
    new = Appended(LINES, since)
    rows = []
    for level in levels:
        items = {name for names in known[level].itemsets for name in names}
        baskets = new_baskets(lake, level, settings, new, items)
        added = added_to(known[level], level, baskets, settings)
        if not still_all(known[level].kept, added, settings, run_date):
            return None
        rows.append(added)
    return pa.concat_tables(rows)


def tracked_levels(lake: Lake) -> dict[str, Tracked]:
    """What is kept of each level; without those whose two tables do not belong together."""
    days = lake.fetch(kept_query())
    itemsets = lake.fetch(tracked_query()).to_pylist()
    by_level = {}
    for level in sorted(set(days["level"].to_pylist())):
        of_level = days.filter(pc.equal(days["level"], level))
        names = [row["itemset"] for row in itemsets if row["level"] == level]
        known = tracked_id(level, names)
        if set(of_level["tracked_id"].to_pylist()) == {known}:
            newest = max(of_level["batch_number"].to_pylist(), default=0)
            by_level[level] = Tracked(kept_of(of_level), names, known, newest)
    return by_level


def new_baskets(lake: Lake, level: str, settings: Settings, lines: Appended, tracked: set[str]) -> Baskets:
    """The baskets of appended lines, with every item of theirs and every tracked one numbered in order of name."""
    tables = line_tables(level, settings.excluded_items, lines)
    items = lake.fetch(items_query(level, tables, 1))["item"].to_pylist()
    return collected(lake, level, tables, sorted(tracked.union(items)))


def collected(lake: Lake, level: str, tables: Mapping[str, Table], names: list[str]) -> Baskets:
    """The baskets of these lines, as numbers of these items."""
    return baskets_of(lake.fetch(baskets_query(level, tables, names)), names)


def count_all(lake: Lake, run_date: date, settings: Settings, level: str) -> Counted:
    """Count all baskets, here while their lines fit, else by Spark.

    Raises:
        ValueError: more different items than max_items are in as many lines as a rule needs baskets.
    """
    least = 1 if settings.half_life_days else settings.tracked_least(settings.min_baskets_per_rule)
    tables = line_tables(level, settings.excluded_items)
    items = lake.fetch(items_query(level, tables, least, settings.max_items + 1))["item"].to_pylist()
    if len(items) > settings.max_items:
        raise ValueError(too_many_items(settings.max_items))
    if driver_bytes(lake.row_count(LINES), settings.min_support) <= settings.max_driver_mebibytes << 20:
        return count_here(collected(lake, level, tables, sorted(items)), settings, run_date)
    lines = item_lines(lake.read(LINES), lake.read("silver.products"), level, settings.excluded_items)
    return count_over_spark(lines.select("order_id", "order_date", "item"), sorted(items), settings, run_date)


def raised(level: str, min_support: float, settings: Settings) -> str:
    """What is said when there were too many itemsets."""
    return (
        f"support at level {level} raised from {settings.min_support:g} to {min_support:.3g}: more than"
        f" {settings.max_itemsets:,} itemsets (max_itemsets in basket_rules.yaml), or too many for so many days"
    )
