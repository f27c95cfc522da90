"""Gold: what each customer will want next: items that are new to them, fall due or are bought again, each explained.

Reads   gold.recommendation_models, gold.recommendation_items, gold.cross_sell, gold.due_now, gold.follow_on_rules,
        gold.segments, gold.customer_tags, silver.order_lines, silver.products, silver.consents, identity.customer_map
Writes  gold.recommendations, one row per customer and rank; a customer who refused, or is excluded, has none
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from jobs.gold.recommending.candidates import facts
from jobs.gold.recommending.cold_start import channels_query, cold_start
from jobs.gold.recommending.items import items, made_items
from jobs.gold.recommending.named import cross_sold_query, follow_on_query, named
from jobs.gold.recommending.permission import permitted, permitted_query, with_permission
from jobs.gold.recommending.products import popular
from jobs.gold.recommending.purchases import Share, accounts, made_accounts, purchase_queries, purchases, shares
from jobs.gold.recommending.serving import Crowd, recommended
from jobs.gold.recommending.stored import factors_query, last_model, newest_query
from jobs.gold.settings.recommendations import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = (
    "gold.recommendation_models",
    "gold.recommendation_items",
    "gold.cross_sell",
    "gold.due_now",
    "gold.follow_on_rules",
    "gold.segments",
    "gold.customer_tags",
    "silver.order_lines",
    "silver.products",
    "silver.consents",
    "identity.customer_map",
)
WRITES = "gold.recommendations"
DEPENDS_ON_RUN_DATE = True
CONF = "recommendations"
BOUGHT = ("silver.order_lines.order_date", "silver.order_lines.product_id")
NAMED = ("silver.products.product_category", "silver.products.product_type", "silver.products.product_name")
OFFERED = ("gold.cross_sell.antecedent", "gold.due_now.item", "gold.follow_on_rules.antecedent")
LEARNED = ("gold.recommendation_models.ranker", "gold.recommendation_items.factors")
LINEAGE = {
    WRITES: {
        "customer_id": ("identity.customer_map.customer_id",),
        "rank": (*BOUGHT, *LEARNED),
        "item_level": (),
        "item": (*NAMED, "silver.products.product_id", "gold.cross_sell.product_id", "gold.due_now.item"),
        "item_name": NAMED,
        "category": ("silver.products.product_category",),
        "department": ("silver.products.department",),
        "product_id": ("silver.order_lines.product_id",),
        "kind": (*BOUGHT, "gold.due_now.kind"),
        "source": (*BOUGHT, *LEARNED, *OFFERED),
        "score": (*BOUGHT, *LEARNED),
        "is_long_tail": ("silver.order_lines.product_id", "identity.customer_map.customer_id"),
        "because_of": (*NAMED, *OFFERED),
        "reason": (*NAMED, *OFFERED),
        "consent": ("silver.consents.is_granted", "silver.consents.purpose"),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Recommend to every customer who may be recommended to, and publish."""
    rows = lists(lake, run_date, settings)
    if not lake.publish(WRITES, rows, run_date).row_count:
        least = settings.catalogue.min_buyers
        lake.note(WRITES, f"no item has {least} buyers (min_buyers in recommendations.yaml): nothing to recommend")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from purchase_queries(run_date, settings)
    yield from (newest_query(run_date), factors_query(), channels_query(made_accounts()))
    yield cross_sold_query(settings.catalogue, made_items())
    yield follow_on_query(settings.catalogue, run_date)
    yield permitted_query(Share(), settings.consent)


def lists(lake: Lake, run_date: date, settings: Settings) -> pa.Table:
    """The table's rows, share by share of the customers; the first share's purchases speak for all."""
    known_items, model = items(lake, settings.catalogue), last_model(lake, run_date)
    crowd, parts = None, list[pa.Table]()
    for share in shares(lake, settings.learning.max_lines_here):
        of = accounts(lake, share)
        bought = purchases(lake, known_items, of, run_date, settings.catalogue, kept=crowd.kept if crowd else None)
        crowd = crowd or Crowd(facts(bought, model.of(bought.items)), popular(bought), bought.kept)
        names = named(lake, known_items, bought, crowd.known.adoption_rate, settings.catalogue)
        lists_of = recommended(bought, crowd, model.ranker, names, settings)
        rows = pa.concat_tables([*lists_of, *cold_start(lake, of, bought, crowd.popular, settings)])
        parts.append(with_permission(rows, permitted(lake, share, settings.consent)))
    rows = pa.concat_tables(parts)
    level = pa.array([known_items.level], pa.string()).take(pa.array(np.zeros(rows.num_rows, np.int64)))
    return rows.append_column("item_level", level)
