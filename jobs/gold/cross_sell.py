"""Gold: what to offer each customer next: products not yet bought, each with the basket rule that says so.

Reads   gold.basket_rules, silver.order_lines, silver.products, identity.customer_map
Writes  gold.cross_sell, one row per customer and rank
"""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.basket_items import PRODUCT_LEVEL, item_lines
from jobs.lake import Lake

READS = ("gold.basket_rules", "silver.order_lines", "silver.products", "identity.customer_map")
WRITES = "gold.cross_sell"
CONF = "cross_sell"


@dataclass(frozen=True)
class Settings:
    """conf/cross_sell.yaml, which says what each key means."""

    recommendations_per_customer: int
    products_per_consequent: int
    new_items_only: bool
    min_lift: float


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Match every customer's purchases with the rules, and publish what to offer."""
    rules, order_lines, products, customer_map = (lake.read(table) for table in READS)
    rules = rules.where(F.col("lift") >= settings.min_lift)
    level_of_rules = rules.select("level").first()
    level = level_of_rules[0] if level_of_rules else PRODUCT_LEVEL
    if level_of_rules is None:
        lake.note(WRITES, f"nothing to offer: gold.basket_rules has no rule of lift {settings.min_lift:g} or more")
    ranked = rules_by_strength(rules).persist()
    owned = owned_products(item_lines(order_lines, products, level, ()), customer_map, ranked).persist()
    try:
        lake.publish(WRITES, cross_sell(owned, ranked, settings), run_date)
    finally:
        owned.unpersist()
        ranked.unpersist()


def cross_sell(owned: DataFrame, ranked: DataFrame, settings: Settings) -> DataFrame:
    """The table's rows.

    Args:
        owned: customer_id, product_id, item; each product a customer ever bought, of items that rules speak of.
        ranked: the rules, all of one level, with their strength.
    """
    offered = offered_products(owned, ranked, settings.products_per_consequent)
    best = best_rules(owned, ranked, settings.new_items_only)
    chosen = products_not_owned(best, offered, owned)
    strongest_first = Window.partitionBy("customer_id").orderBy(F.desc("is_new_item"), "strength", "product_id")
    return (
        chosen.withColumn("rank", F.row_number().over(strongest_first))
        .where(F.col("rank") <= settings.recommendations_per_customer)
        .join(F.broadcast(ranked.drop("consequent")), "strength")
        .withColumn("reason", reason())
        .select(
            "customer_id", "rank", "product_id", "consequent", "antecedent", "confidence", "lift",
            "is_new_item", "reason", "rule_id",
        )
    )


def owned_products(lines: DataFrame, customer_map: DataFrame, rules: DataFrame) -> DataFrame:
    """customer_id, product_id, item, each once; only items of a rule, a guest's lines left out."""
    items = rules.select(F.explode(F.array_append("antecedent", F.col("consequent"))).alias("item")).distinct()
    customers = customer_map.select("account_id", "customer_id")
    of_rules = lines.join(F.broadcast(items), "item", "left_semi")
    return of_rules.join(customers, "account_id").select("customer_id", "product_id", "item").distinct()


def rules_by_strength(rules: DataFrame) -> DataFrame:
    """The rules with strength 1 for the surest; equal confidence goes by lift, then by baskets."""
    surest = Window.orderBy(F.desc("confidence"), F.desc("lift"), F.desc("basket_count"), "rule_id")
    kept = rules.select("rule_id", "antecedent", "consequent", "basket_count", "confidence", "lift")
    return kept.withColumn("strength", F.row_number().over(surest))


def best_rules(owned: DataFrame, ranked: DataFrame, new_items_only: bool) -> DataFrame:
    """customer_id, consequent, is_new_item, strength: the surest rule whose whole antecedent the customer bought."""
    bought = owned.groupBy("customer_id").agg(F.collect_set("item").alias("bought"))
    by_first = ranked.select(
        F.col("antecedent")[0].alias("item"),
        F.expr("slice(antecedent, 2, size(antecedent))").alias("others"),
        "consequent",
        "strength",
    )
    one_row_each = bought.select("customer_id", "bought", F.explode("bought").alias("item"))
    fired = one_row_each.join(F.broadcast(by_first), "item").where(
        F.forall("others", lambda item: F.array_contains("bought", item))
    )
    matched = fired.withColumn("is_new_item", ~F.array_contains("bought", F.col("consequent")))
    if new_items_only:
        matched = matched.where("is_new_item")
    return matched.groupBy("customer_id", "consequent", "is_new_item").agg(F.min("strength").alias("strength"))


def offered_products(owned: DataFrame, ranked: DataFrame, products_per_consequent: int) -> DataFrame:
    """consequent, product_id, popularity: the products most customers bought, 1 for the first."""
    consequents = ranked.select(F.col("consequent").alias("item")).distinct()
    buyers = owned.join(F.broadcast(consequents), "item").groupBy("item", "product_id").count()
    most_bought = Window.partitionBy("item").orderBy(F.desc("count"), "product_id")
    ordered = buyers.withColumn("popularity", F.row_number().over(most_bought))
    kept = ordered.where(F.col("popularity") <= products_per_consequent)
    return kept.select(F.col("item").alias("consequent"), "product_id", "popularity")


def products_not_owned(best: DataFrame, offered: DataFrame, owned: DataFrame) -> DataFrame:
    """Per customer and consequent the most popular product of it that the customer has never bought."""
    mine = owned.join(F.broadcast(offered.select("product_id")), "product_id", "left_semi")
    candidates = best.join(F.broadcast(offered), "consequent")
    open_ones = candidates.join(mine, ["customer_id", "product_id"], "left_anti")
    by_popularity = Window.partitionBy("customer_id", "consequent").orderBy("popularity")
    first = open_ones.withColumn("place", F.row_number().over(by_popularity)).where("place = 1")
    return first.drop("place", "popularity")


def reason() -> Column:
    """The rule in words, for the person who makes the offer."""
    return F.format_string(
        "bought %s; %.0f %% of baskets with that also hold %s, %.1f times the share of all baskets",
        F.array_join("antecedent", " + "),
        F.col("confidence") * 100,
        F.col("consequent"),
        F.col("lift"),
    )
