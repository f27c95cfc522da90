"""Offers: only what the customer has not bought, by the surest rule whose whole antecedent the customer bought."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from jobs.config import Conf
from jobs.gold import cross_sell
from jobs.gold.cross_sell import Settings, owned_products, rules_by_strength

SETTINGS = Settings(recommendations_per_customer=10, products_per_consequent=2, new_items_only=False, min_lift=1.0)


def ranked_rules(spark: SparkSession, *rules: tuple[list[str], str, float]) -> DataFrame:
    rows = [("-".join([*a, c]), a, c, 10, confidence, 2.0) for a, c, confidence in rules]
    named = "rule_id STRING, antecedent ARRAY<STRING>, consequent STRING"
    measured = "basket_count BIGINT, confidence DOUBLE, lift DOUBLE"
    return rules_by_strength(spark.createDataFrame(rows, f"{named}, {measured}"))


def owned_by(spark: SparkSession, **products: str) -> DataFrame:
    """customer=products; a product's item is its letter, so b1 and b2 are two products of item b."""
    rows = [(customer, product, product[0]) for customer, text in products.items() for product in text.split()]
    return spark.createDataFrame(rows, "customer_id STRING, product_id STRING, item STRING")


def offers(owned: DataFrame, ranked: DataFrame, settings: Settings = SETTINGS) -> list[tuple]:
    rows = cross_sell.cross_sell(owned, ranked, settings).collect()
    return sorted((row.customer_id, row.rank, row.product_id, row.rule_id) for row in rows)


def test_the_offer_is_the_most_popular_product_of_the_consequent(spark):
    owned = owned_by(spark, ann="a1", bob="b1 b2", cat="b2", dan="b2 b1", eve="b2")

    assert offers(owned, ranked_rules(spark, (["a"], "b", 0.6))) == [("ann", 1, "b2", "a-b")]


def test_a_rule_speaks_only_to_those_who_bought_its_whole_antecedent(spark):
    owned = owned_by(spark, ann="a1", bob="a1 b1", cat="c1")

    assert offers(owned, ranked_rules(spark, (["a", "b"], "c", 0.6))) == [("bob", 1, "c1", "a-b-c")]


def test_the_surest_of_several_rules_gives_the_reason(spark):
    owned = owned_by(spark, ann="a1 b1", cat="c1")
    ranked = ranked_rules(spark, (["a"], "c", 0.5), (["b"], "c", 0.9), (["a", "b"], "c", 0.8))

    assert offers(owned, ranked) == [("ann", 1, "c1", "b-c")]


def test_new_items_come_before_new_products_of_items_already_bought(spark):
    owned = owned_by(spark, ann="a1 b1", bob="b2", cat="c1")
    ranked = ranked_rules(spark, (["a"], "b", 0.9), (["a"], "c", 0.5))

    assert offers(owned, ranked) == [("ann", 1, "c1", "a-c"), ("ann", 2, "b2", "a-b")]


def test_only_new_items_are_offered_where_the_conf_says_so(spark):
    owned = owned_by(spark, ann="a1 b1", bob="b2", cat="c1")
    ranked = ranked_rules(spark, (["a"], "b", 0.9), (["a"], "c", 0.5))

    assert offers(owned, ranked, Settings(10, 2, True, 1.0)) == [("ann", 1, "c1", "a-c")]


def test_a_product_bought_already_is_never_offered(spark):
    owned = owned_by(spark, ann="a1 b1 b2")

    assert offers(owned, ranked_rules(spark, (["a"], "b", 0.9), (["b"], "a", 0.9))) == []


def test_a_customer_gets_no_more_than_the_conf_allows(spark):
    owned = owned_by(spark, ann="a1", bob="b1 c1 d1")
    ranked = ranked_rules(spark, (["a"], "b", 0.5), (["a"], "c", 0.6), (["a"], "d", 0.7))

    assert offers(owned, ranked, Settings(2, 2, False, 1.0)) == [("ann", 1, "d1", "a-d"), ("ann", 2, "c1", "a-c")]


def test_all_accounts_of_a_customer_count_and_guests_do_not(spark):
    lines = spark.createDataFrame(
        [("pos:1", "p1", "a"), ("web:1", "p2", "b"), ("web:1", "p1", "a"), (None, "p3", "a"), ("pos:1", "p9", "z")],
        "account_id STRING, product_id STRING, item STRING")
    customer_map = spark.createDataFrame([("pos:1", "c1"), ("web:1", "c1")], "account_id STRING, customer_id STRING")

    owned = owned_products(lines, customer_map, ranked_rules(spark, (["a"], "b", 0.5)))

    assert sorted(owned.collect()) == [("c1", "p1", "a"), ("c1", "p2", "b")]


def test_the_reason_says_the_rule_in_words(spark):
    owned = owned_by(spark, ann="a1 b1", cat="c1")

    row = cross_sell.cross_sell(owned, ranked_rules(spark, (["a", "b"], "c", 0.624)), SETTINGS).first()

    assert row.reason == "bought a + b; 62 % of baskets with that also hold c, 2.0 times the share of all baskets"


def test_without_rules_the_table_is_empty_and_says_why(spark, lake):
    cross_sell.run(lake, date(2017, 10, 2), Conf().settings("cross_sell", Settings))

    assert lake.read(cross_sell.WRITES).isEmpty()
    assert "no rule" in lake.notes[-1]
