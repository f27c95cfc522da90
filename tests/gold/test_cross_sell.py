"""Offers: only what the customer has not bought, by the surest rule whose whole antecedent the customer bought."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.config import Conf
from jobs.gold import cross_sell
from jobs.gold.cross_sell import Settings, rules_by_strength, sold_products

SETTINGS = Settings(recommendations_per_customer=10, products_per_consequent=2, new_items_only=False, min_lift=1.0)


def ranked_rules(spark: SparkSession, *rules: tuple[list[str], str, float]) -> DataFrame:
    rows = [("-".join([*a, c]), a, c, 10, confidence, 2.0) for a, c, confidence in rules]
    named = "rule_id STRING, antecedent ARRAY<STRING>, consequent STRING"
    measured = "basket_count BIGINT, confidence DOUBLE, lift DOUBLE"
    return rules_by_strength(spark.createDataFrame(rows, f"{named}, {measured}"))


def lines_of(spark: SparkSession, **products: str) -> DataFrame:
    """customer=products; a product's item is its letter, so b1 and b2 are two products of item b."""
    rows = [(customer, product, product[0]) for customer, text in products.items() for product in text.split()]
    return spark.createDataFrame(rows, "account_id STRING, product_id STRING, item STRING")


def one_account_each(lines: DataFrame) -> DataFrame:
    """A customer map in which account and customer have the same name."""
    return lines.select("account_id", F.col("account_id").alias("customer_id")).distinct()


def offers(lines: DataFrame, ranked: DataFrame, settings: Settings = SETTINGS) -> list[tuple]:
    rows = cross_sell.cross_sell(sold_products(lines, ranked), one_account_each(lines), ranked, settings).collect()
    return sorted((row.customer_id, row.rank, row.product_id, row.rule_id) for row in rows)


def test_the_offer_is_the_most_popular_product_of_the_consequent(spark):
    lines = lines_of(spark, ann="a1", bob="b1 b2", cat="b2", dan="b2 b1", eve="b2")

    assert offers(lines, ranked_rules(spark, (["a"], "b", 0.6))) == [("ann", 1, "b2", "a-b")]


def test_a_rule_speaks_only_to_those_who_bought_its_whole_antecedent(spark):
    lines = lines_of(spark, ann="a1", bob="a1 b1", cat="c1")

    assert offers(lines, ranked_rules(spark, (["a", "b"], "c", 0.6))) == [("bob", 1, "c1", "a-b-c")]


def test_the_surest_of_several_rules_gives_the_reason(spark):
    lines = lines_of(spark, ann="a1 b1", cat="c1")
    ranked = ranked_rules(spark, (["a"], "c", 0.5), (["b"], "c", 0.9), (["a", "b"], "c", 0.8))

    assert offers(lines, ranked) == [("ann", 1, "c1", "b-c")]


def test_new_items_come_before_new_products_of_items_already_bought(spark):
    lines = lines_of(spark, ann="a1 b1", bob="b2", cat="c1")
    ranked = ranked_rules(spark, (["a"], "b", 0.9), (["a"], "c", 0.5))

    assert offers(lines, ranked) == [("ann", 1, "c1", "a-c"), ("ann", 2, "b2", "a-b")]


def test_only_new_items_are_offered_where_the_conf_says_so(spark):
    lines = lines_of(spark, ann="a1 b1", bob="b2", cat="c1")
    ranked = ranked_rules(spark, (["a"], "b", 0.9), (["a"], "c", 0.5))

    assert offers(lines, ranked, Settings(10, 2, True, 1.0)) == [("ann", 1, "c1", "a-c")]


def test_a_product_bought_already_is_never_offered(spark):
    lines = lines_of(spark, ann="a1 b1 b2")

    assert offers(lines, ranked_rules(spark, (["a"], "b", 0.9), (["b"], "a", 0.9))) == []


def test_a_customer_gets_no_more_than_the_conf_allows(spark):
    lines = lines_of(spark, ann="a1", bob="b1 c1 d1")
    ranked = ranked_rules(spark, (["a"], "b", 0.5), (["a"], "c", 0.6), (["a"], "d", 0.7))

    assert offers(lines, ranked, Settings(2, 2, False, 1.0)) == [("ann", 1, "d1", "a-d"), ("ann", 2, "c1", "a-c")]


def test_all_accounts_of_a_customer_count_and_a_guest_only_for_popularity(spark):
    lines = spark.createDataFrame(
        [("pos:1", "a1", "a"), ("web:1", "b1", "b"), (None, "c2", "c"), (None, "c2", "c"), ("web:2", "c1", "c")],
        "account_id STRING, product_id STRING, item STRING",
    )
    customer_map = spark.createDataFrame(
        [("pos:1", "ann"), ("web:1", "ann"), ("web:2", "bob")], "account_id STRING, customer_id STRING"
    )

    ranked = ranked_rules(spark, (["a", "b"], "c", 0.6))

    rows = cross_sell.cross_sell(sold_products(lines, ranked), customer_map, ranked, SETTINGS).collect()

    assert [(row.customer_id, row.product_id) for row in rows] == [("ann", "c2")]


def test_more_items_than_one_word_of_bits_are_told_apart(spark):
    items = [f"i{number:03}" for number in range(130)]
    lines = spark.createDataFrame(
        [("ann", "p", items[0]), ("ann", "q", items[64]), ("bob", "r", items[129]), ("bob", "s", items[1])],
        "account_id STRING, product_id STRING, item STRING",
    )
    fillers = [([item], items[0], 0.1) for item in items[1:] if item not in (items[1], items[129], items[64])]
    ranked = ranked_rules(
        spark, ([items[0], items[64]], items[129], 0.9), ([items[0], items[128]], items[1], 0.8), *fillers
    )

    assert [offer[:3] for offer in offers(lines, ranked)] == [("ann", 1, "r")]


def test_the_reason_says_the_rule_in_words(spark):
    lines = lines_of(spark, ann="a1 b1", cat="c1")
    ranked = ranked_rules(spark, (["a", "b"], "c", 0.624))

    row = cross_sell.cross_sell(sold_products(lines, ranked), one_account_each(lines), ranked, SETTINGS).first()

    assert row.reason == "bought a + b; 62 % of baskets with that also hold c, 2.0 times the share of all baskets"


def test_without_rules_the_table_is_empty_and_says_why(spark, lake):
    cross_sell.run(lake, date(2017, 10, 2), Conf().settings("cross_sell", Settings))

    assert lake.read(cross_sell.WRITES).isEmpty()
    assert "no rule" in lake.notes[-1]
