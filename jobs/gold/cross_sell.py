"""Gold: what to offer each customer next: products not yet bought, each with the basket rule that says so.

Reads   gold.basket_rules, silver.order_lines, silver.products, identity.customer_map
Writes  gold.cross_sell, one row per customer and rank
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.basket_items import PRODUCT_LEVEL, item_lines
from jobs.lake import Lake

READS = ("gold.basket_rules", "silver.order_lines", "silver.products", "identity.customer_map")
WRITES = "gold.cross_sell"
CONF = "cross_sell"

WORD_BITS = 64  # items are sets of bits in BIGINT columns: whether a rule fires is two ANDs, for any number of rules


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
    sold = sold_products(item_lines(order_lines, products, level, ()), ranked).persist()  # read three times
    try:
        lake.publish(WRITES, cross_sell(sold, customer_map, ranked, settings), run_date)
    finally:
        sold.unpersist()
        ranked.unpersist()


def cross_sell(sold: DataFrame, customer_map: DataFrame, ranked: DataFrame, settings: Settings) -> DataFrame:
    """The table's rows.

    Args:
        sold: account_id (NULL for a guest), product_id, item, line_count; of items that rules speak of.
        customer_map: account_id, customer_id.
        ranked: the rules, all of one level, with their strength.
    """
    names = item_names(ranked)
    numbers = item_numbers(ranked, names)
    sold = sold.join(F.broadcast(numbers), "item").drop("item")
    customers = customer_map.select("account_id", "customer_id")
    rules = rule_bits(ranked, numbers, len(names))
    offered = offered_products(sold, rules, settings.products_per_consequent)
    best = best_rules(bought_bits(sold, customers, len(names)), rules, len(names))
    if settings.new_items_only:
        best = best.where("is_new_item")
    chosen = products_not_owned(best, offered, owned_products(sold, offered, customers))
    return strongest(chosen, settings.recommendations_per_customer).transform(with_reason, ranked)


def sold_products(lines: DataFrame, ranked: DataFrame) -> DataFrame:
    """account_id, product_id, item, line_count: who bought what how often, of the items that rules speak of."""
    items = ranked.select(F.explode(F.array_append("antecedent", F.col("consequent"))).alias("item")).distinct()
    of_rules = lines.join(F.broadcast(items), "item", "left_semi")
    return of_rules.groupBy("account_id", "product_id", "item").agg(F.count("*").alias("line_count"))


def rules_by_strength(rules: DataFrame) -> DataFrame:
    """The rules with strength 1 for the surest; equal confidence goes by lift, then by baskets."""
    surest = Window.orderBy(F.desc("confidence"), F.desc("lift"), F.desc("basket_count"), "rule_id")
    kept = rules.select("rule_id", "antecedent", "consequent", "basket_count", "confidence", "lift")
    return kept.withColumn("strength", F.row_number().over(surest))


def item_names(ranked: DataFrame) -> list[str]:
    """The items that rules speak of, in order of name; as few as the counting of the rules could hold."""
    items = ranked.select(F.explode(F.array_append("antecedent", F.col("consequent"))).alias("item")).distinct()
    return sorted(items.toArrow()["item"].to_pylist())


def item_numbers(ranked: DataFrame, names: list[str]) -> DataFrame:
    """item, item_number: the place of each name in the list."""
    numbers = pa.array(range(len(names)), pa.int32())
    table = pa.table({"item": pa.array(names, pa.string()), "item_number": numbers})
    return ranked.sparkSession.createDataFrame(table)


def words(item_count: int) -> range:
    """The BIGINT columns that so many items need, by number; at least one."""
    return range(max(1, -(-item_count // WORD_BITS)))


def set_of_items(prefix: str, item_count: int) -> list[Column]:
    """Aggregates that put the item numbers of a group into the bits of columns `<prefix>_0`, `<prefix>_1`, ..."""
    bit = F.expr(f"shiftleft(1L, item_number % {WORD_BITS})")
    word = F.expr(f"item_number DIV {WORD_BITS}")
    return [F.bit_or(F.when(word == w, bit).otherwise(0)).alias(f"{prefix}_{w}") for w in words(item_count)]


def rule_bits(ranked: DataFrame, numbers: DataFrame, item_count: int) -> DataFrame:
    """strength, item_number (of the consequent), first_item, needs_0, ...: the rules as numbers."""
    by_item = numbers.select(F.col("item").alias("consequent"), "item_number")
    each = ranked.select("strength", F.explode("antecedent").alias("item")).join(F.broadcast(numbers), "item")
    needs = each.groupBy("strength").agg(F.min("item_number").alias("first_item"), *set_of_items("needs", item_count))
    consequents = ranked.select("strength", "consequent").join(F.broadcast(by_item), "consequent")
    return consequents.select("strength", "item_number").join(needs, "strength")


def bought_bits(sold: DataFrame, customers: DataFrame, item_count: int) -> DataFrame:
    """customer_id, item_number (one row for each item bought), has_0, ... (all of them)."""
    by_account = sold.where("account_id IS NOT NULL").select("account_id", "item_number").distinct()
    by_customer = by_account.join(customers, "account_id").groupBy("customer_id")
    bought = by_customer.agg(*set_of_items("has", item_count), F.collect_set("item_number").alias("items"))
    return bought.withColumn("first_item", F.explode("items")).drop("items")


def best_rules(bought: DataFrame, rules: DataFrame, item_count: int) -> DataFrame:
    """customer_id, item_number, is_new_item, strength: the surest rule whose whole antecedent the customer bought."""
    fires = F.col("bought.first_item") == F.col("rules.first_item")  # no rule is looked at twice for a customer
    for w in words(item_count):
        fires = fires & (F.col(f"has_{w}").bitwiseAND(F.col(f"needs_{w}")) == F.col(f"needs_{w}"))
    fired = bought.alias("bought").join(F.broadcast(rules).alias("rules"), fires)
    best = fired.groupBy("customer_id", "item_number").agg(F.min("strength").alias("strength"))
    owned = bought.select("customer_id", F.col("first_item").alias("item_number"), F.lit(False).alias("new"))
    known = best.join(owned, ["customer_id", "item_number"], "left")
    return known.withColumn("is_new_item", F.coalesce("new", F.lit(True))).drop("new")


def offered_products(sold: DataFrame, rules: DataFrame, products_per_consequent: int) -> DataFrame:
    """item_number, product_id, popularity: of each consequent the products most often bought, 1 for the first."""
    consequents = rules.select("item_number").distinct()
    by_product = sold.join(F.broadcast(consequents), "item_number").groupBy("item_number", "product_id")
    lines = by_product.agg(F.sum("line_count").alias("line_count"))
    most_bought = Window.partitionBy("item_number").orderBy(F.desc("line_count"), "product_id")
    ordered = lines.withColumn("popularity", F.row_number().over(most_bought))
    return ordered.where(F.col("popularity") <= products_per_consequent).drop("line_count")


def owned_products(sold: DataFrame, offered: DataFrame, customers: DataFrame) -> DataFrame:
    """customer_id, product_id: which of the offered products a customer has already."""
    candidates = F.broadcast(offered.select("product_id"))
    by_account = sold.join(candidates, "product_id", "left_semi").select("account_id", "product_id").distinct()
    return by_account.join(customers, "account_id").select("customer_id", "product_id").distinct()


def products_not_owned(best: DataFrame, offered: DataFrame, owned: DataFrame) -> DataFrame:
    """Per customer and consequent the most popular product of it that the customer has never bought."""
    candidates = best.join(F.broadcast(offered), "item_number")
    open_ones = candidates.join(owned, ["customer_id", "product_id"], "left_anti")
    by_popularity = Window.partitionBy("customer_id", "item_number").orderBy("popularity")
    first = open_ones.withColumn("place", F.row_number().over(by_popularity)).where("place = 1")
    return first.drop("place", "popularity", "item_number")


def strongest(chosen: DataFrame, most: int) -> DataFrame:
    """The first `most` offers of each customer: new items before new products of items already bought."""
    strongest_first = Window.partitionBy("customer_id").orderBy(F.desc("is_new_item"), "strength", "product_id")
    return chosen.withColumn("rank", F.row_number().over(strongest_first)).where(F.col("rank") <= most)


def with_reason(offers: DataFrame, ranked: DataFrame) -> DataFrame:
    """The offers with their rule, in columns and in words, for the person who makes the offer."""
    reason = F.format_string(
        "bought %s; %.0f %% of baskets with that also hold %s, %.1f times the share of all baskets",
        F.array_join("antecedent", " + "),
        F.col("confidence") * 100,
        F.col("consequent"),
        F.col("lift"),
    )
    rules = ranked.select("strength", "rule_id", "antecedent", "consequent", "confidence", "lift")
    explained = offers.join(F.broadcast(rules), "strength").withColumn("reason", reason)
    return explained.drop("strength")
