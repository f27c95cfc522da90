"""Gold: which first purchase makes another likely, within how many days, and by how much more than is usual.

Reads   silver.order_lines, silver.products, identity.customer_map
Writes  gold.follow_on_rules, one row per rule; gold.follow_on_lags, how its followers spread over the days

Rules are searched for anew when the last search is `search_again_after_days` old; in between the tables stay.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.follow_on.first_purchases import (
    FirstPurchases,
    as_matrix,
    first_purchases_query,
)
from jobs.gold.follow_on.rule_rows import as_tables
from jobs.gold.follow_on.search import Search, found_rules, why_none
from jobs.gold.product_levels.levels import known_level, known_query
from jobs.gold.settings.follow_on_rules import Settings
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("silver.order_lines", "silver.products", "identity.customer_map")
READS_PREVIOUS = ("gold.follow_on_rules",)
WRITES = ("gold.follow_on_rules", "gold.follow_on_lags")
DEPENDS_ON_RUN_DATE = True
CONF = "follow_on_rules"

RULES, LAGS = WRITES
DAY = ("silver.order_lines.order_date",)
ITEM = (
    "silver.order_lines.product_id",
    *(f"silver.products.{level}" for level in ("department", "product_category", "product_type", "brand")),
)
PURCHASES = (*DAY, *ITEM, "identity.customer_map.customer_id")
LINEAGE = {
    RULES: {
        **dict.fromkeys(("level", "window_days", "searched_until", "searched_on"), ()),
        "rule_id": ITEM,
        "antecedent": ITEM,
        "consequent": ITEM,
        "*": PURCHASES,
    },
    LAGS: {"rule_id": ITEM, "lag_days": DAY, "share": PURCHASES},
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Search all first purchases for rules, unless the last search is fresh."""
    if is_fresh(lake, run_date, settings.search_again_after_days):
        return
    level = known_level(lake, settings.level)
    purchases = first_purchases(lake, run_date, level, settings)
    rules = found_rules(purchases, search_of(settings))
    for note in notes(level, purchases, len(rules), settings):
        lake.note(RULES, note)
    searched_until = run_date - timedelta(days=search_of(settings).checked(purchases))
    for table, rows in zip(WRITES, as_tables(rules, level, purchases, searched_until, run_date), strict=True):
        lake.publish(table, rows, run_date)


def search_of(settings: Settings) -> Search:
    """What the search needs of the settings."""
    return Search(
        windows_days=tuple(sorted(settings.windows_days)),
        unseen_days=settings.unseen_days,
        check_days=settings.check_days,
        min_buyers=settings.min_buyers,
        min_followers=settings.min_followers,
        min_lift=settings.min_lift,
        max_q_value=settings.max_q_value,
        max_rules=settings.max_rules,
    )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield known_query(settings.level)
    yield first_purchases_query(settings.level, run_date, settings.excluded_items, settings.max_customers)


def is_fresh(lake: Lake, run_date: date, after_days: int) -> bool:
    """Whether this very code and configuration found rules lately; where it found none, every night looks."""
    last = delta_log.last_publish(lake.source(LAGS), lake.version(LAGS))
    if last is None or not lake.row_count(RULES) or not (lake.is_current(RULES) and lake.is_current(LAGS)):
        return False
    return 0 <= (run_date - date.fromisoformat(last.recorded["run_date"])).days < after_days


def first_purchases(lake: Lake, run_date: date, level: str, settings: Settings) -> FirstPurchases:
    """Who first bought what when, of no more than max_customers."""
    rows = lake.fetch(first_purchases_query(level, run_date, settings.excluded_items, settings.max_customers))
    return as_matrix(rows, run_date, settings.min_buyers, settings.max_items)


def notes(level: str, purchases: FirstPurchases, rule_count: int, settings: Settings) -> list[str]:
    """Why there are no rules, or of what they are made; empty on an ordinary night."""
    sentences = []
    if not rule_count:
        sentences.append(why_none(purchases, search_of(settings)))
    if level != settings.level:
        sentences.append(f"rules are by {level}: no product says its {settings.level} (a products export would)")
    if purchases.customer_count >= settings.max_customers:
        sentences.append(
            f"found on {purchases.customer_count:,} customers, a sample by their ids"
            " (max_customers in follow_on_rules.yaml)"
        )
    return sentences
