"""Offers: only what the customer has not bought, by the surest rule whose whole antecedent the customer bought.

Each rule of the table is shown on both engines.
"""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from jobs.gold import cross_sell
from jobs.gold.cross_sell import Settings, offers_sql, ranked, reasons, rule_tables, with_reasons_sql, word_count
from lakehouse.config.layers import Conf
from tests import both_engines

SETTINGS = Settings(
    recommendations_per_customer=10,
    products_per_consequent=2,
    new_items_only=False,
    min_lift=1.0,
    max_q_value=0.05,
    level="product_category",
)
Line = tuple[str | None, str, str]  # account, product, item


def rules_of(*rules: tuple[list[str], str, float]) -> list[dict[str, Any]]:
    same = {"basket_count": 10, "lift": 2.0, "level": "department"}
    named = [{"rule_id": "-".join([*a, c]), "antecedent": a, "consequent": c, "confidence": p} for a, c, p in rules]
    return ranked([rule | same for rule in named])


def lines_of(**products: str) -> list[Line]:
    """customer=products; a product's item is its letter, so b1 and b2 are two products of item b."""
    return [(customer, product, product[0]) for customer, text in products.items() for product in text.split()]


class Engine:
    """Runs the job's query on one of the two engines."""

    def __init__(self, spark, name: str) -> None:
        self.spark, self.name = spark, name

    def offers(self, lines: list[Line], rules: list[dict[str, Any]], settings: Settings = SETTINGS, **owners: str):
        """Sorted (customer, rank, product, strength); an account belongs to the customer of its name, or as said."""
        sold = self.spark.createDataFrame(lines, "account_id STRING, product_id STRING, item STRING").toArrow()
        accounts = {account for account, _, _ in lines if account}
        pairs = [(account, owners.get(account, account)) for account in sorted(accounts)] or [("nobody", "nobody")]
        owned = self.spark.createDataFrame(pairs, "account_id STRING, customer_id STRING").toArrow()
        tables = {"sold_lines": sold, "customer_map": owned, **rule_tables(rules)}
        sql = offers_sql("SELECT * FROM {sold_lines}", word_count(rules), settings)
        answer = both_engines.duckdb_answer if self.name == "duckdb" else self._spark
        columns = ("customer_id", "product_id", "is_new_item", "strength", "rank")
        rows = [dict(zip(columns, row, strict=True)) for row in answer(sql, **tables)]
        names = {rule["strength"]: rule["rule_id"] for rule in rules}
        return sorted((row["customer_id"], row["rank"], row["product_id"], names[row["strength"]]) for row in rows)

    def _spark(self, sql: str, **tables: pa.Table) -> list[tuple]:
        return [tuple(row) for row in both_engines.spark_answer(self.spark, sql, **tables).collect()]


@pytest.fixture(params=["duckdb", "spark"])
def engine(spark, request) -> Engine:
    return Engine(spark, request.param)


def test_the_offer_is_the_most_popular_product_of_the_consequent(engine):
    lines = lines_of(ann="a1", bob="b1 b2", cat="b2", dan="b2 b1", eve="b2")

    assert engine.offers(lines, rules_of((["a"], "b", 0.6))) == [("ann", 1, "b2", "a-b")]


def test_a_rule_speaks_only_to_those_who_bought_its_whole_antecedent(engine):
    lines = lines_of(ann="a1", bob="a1 b1", cat="c1")

    assert engine.offers(lines, rules_of((["a", "b"], "c", 0.6))) == [("bob", 1, "c1", "a-b-c")]


def test_the_surest_of_several_rules_gives_the_reason(engine):
    lines = lines_of(ann="a1 b1", cat="c1")
    rules = rules_of((["a"], "c", 0.5), (["b"], "c", 0.9), (["a", "b"], "c", 0.8))

    assert engine.offers(lines, rules) == [("ann", 1, "c1", "b-c")]


def test_new_items_come_before_new_products_of_items_already_bought(engine):
    lines = lines_of(ann="a1 b1", bob="b2", cat="c1")
    rules = rules_of((["a"], "b", 0.9), (["a"], "c", 0.5))

    assert engine.offers(lines, rules) == [("ann", 1, "c1", "a-c"), ("ann", 2, "b2", "a-b")]


def test_only_new_items_are_offered_where_the_conf_says_so(engine):
    lines = lines_of(ann="a1 b1", bob="b2", cat="c1")
    rules = rules_of((["a"], "b", 0.9), (["a"], "c", 0.5))

    assert engine.offers(lines, rules, SETTINGS.replace(new_items_only=True)) == [("ann", 1, "c1", "a-c")]


def test_a_product_bought_already_is_never_offered(engine):
    lines = lines_of(ann="a1 b1 b2")

    assert engine.offers(lines, rules_of((["a"], "b", 0.9), (["b"], "a", 0.9))) == []


def test_a_customer_gets_no_more_than_the_conf_allows(engine):
    lines = lines_of(ann="a1", bob="b1 c1 d1")
    rules = rules_of((["a"], "b", 0.5), (["a"], "c", 0.6), (["a"], "d", 0.7))

    assert engine.offers(lines, rules, SETTINGS.replace(recommendations_per_customer=2)) == [
        ("ann", 1, "d1", "a-d"),
        ("ann", 2, "c1", "a-c"),
    ]


def test_all_accounts_of_a_customer_count_and_a_guest_only_for_popularity(engine):
    lines = [("pos", "a1", "a"), ("web", "b1", "b"), (None, "c2", "c"), (None, "c2", "c"), ("app", "c1", "c")]
    rules = rules_of((["a", "b"], "c", 0.6))

    offers = engine.offers(lines, rules, pos="ann", web="ann", app="bob")

    assert [(customer, product) for customer, _, product, _ in offers] == [("ann", "c2")]


def test_more_items_than_one_word_of_bits_are_told_apart(engine):
    items = [f"i{number:03}" for number in range(130)]
    lines = [("ann", "p", items[0]), ("ann", "q", items[64]), ("bob", "r", items[129]), ("bob", "s", items[1])]
    fillers = [([item], items[0], 0.1) for item in items[1:] if item not in (items[1], items[129], items[64])]
    rules = rules_of(([items[0], items[64]], items[129], 0.9), ([items[0], items[128]], items[1], 0.8), *fillers)

    assert [offer[:3] for offer in engine.offers(lines, rules)] == [("ann", 1, "r")]


def test_rules_of_one_level_speak_and_those_by_product_where_it_has_none():
    category, department, product = ({"level": level} for level in ("product_category", "department", "product_id"))

    assert cross_sell.of_level([category, department, product], "product_category") == [category]
    assert cross_sell.of_level([department, product], "product_category") == [product]
    assert cross_sell.of_level([], "product_category") == []


def test_the_reason_says_the_rule_in_words(spark):
    offer = spark.createDataFrame(
        [("ann", "c1", True, 1, 1)],
        "customer_id STRING, product_id STRING, is_new_item BOOLEAN, strength INT, rank INT",
    )
    rules = reasons(rules_of((["a", "b"], "c", 0.625)))

    (row,) = both_engines.answers(
        spark, with_reasons_sql("SELECT * FROM {offers}"), offers=offer.toArrow(), reasons=rules
    )

    assert row[-1] == "bought a + b; 63 % of baskets with that also hold c, 2.0 times the share of all baskets"


def test_without_rules_the_table_is_empty_and_says_why(lake):
    cross_sell.run(lake, date(2017, 10, 2), Conf().settings("cross_sell", Settings))

    assert lake.read(cross_sell.WRITES).isEmpty()
    assert "no rule" in lake.notes[-1]
