"""gold.recommendations: who gets which items, in which order, and with which words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from jobs.gold.recommending.candidates import facts
from jobs.gold.recommending.cold_start import offered, waiting
from jobs.gold.recommending.items import numbered, products_sql
from jobs.gold.recommending.named import BETWEEN, NONE, Named, cross_sold_sql, follow_on_sql, representative
from jobs.gold.recommending.permission import permitted_sql
from jobs.gold.recommending.products import popular
from jobs.gold.recommending.purchases import PACK, Share, pairs_sql, snapshot
from jobs.gold.recommending.ranker import stand_in
from jobs.gold.recommending.serving import Crowd, Model, recommended
from lakehouse.errors import LakehouseError
from tests.both_engines import answers
from tests.gold.recommending import AS_OF, crowd, items_of, purchases_of, settings

LINES = (
    "order_id STRING, account_id STRING, channel STRING, order_date DATE, product_id STRING, quantity INT, "
    "sales_cents BIGINT"
)
PRODUCTS = "product_id STRING, department STRING, product_category STRING, product_type STRING, product_name STRING"


def lines(spark, *rows):
    """account, day, product, quantity, cents."""
    full = [(str(n), account, account and account.split(":")[0], *rest) for n, (account, *rest) in enumerate(rows)]
    return spark.createDataFrame(full, LINES)


def served(bought, wanted=None, model=None, named=NONE):
    """Rows of the job's own steps: customer -> [(item, kind, source, reason)]."""
    crowd = crowd_of(bought, model or no_model())
    rows = pa.concat_tables(recommended(bought, crowd, stand_in(), named, wanted or settings())).to_pylist()
    found: dict[str, list] = {}
    for row in rows:
        found.setdefault(row["customer_id"], []).append(row)
    return found


def crowd_of(bought, model):
    return Crowd(facts(bought, model.of(bought.items)), popular(bought), bought.kept)


def no_model():
    return Model(None, [], np.empty((0, 0)), stand_in())


def test_a_forbidden_product_is_no_item_whatever_column_says_so(spark):
    rows = [
        ("1", "DRUG GM", "CIGARETTES", "KING SIZE", None),
        ("2", "SPIRITS", "LIQUOR", "RUM", None),
        ("3", "GROCERY", "CHEESE", "BRIE", None),
        ("4", "GROCERY", "JUICE", "PUNCH", "Wine punch"),
        ("5", "GROCERY", "VOUCHERS", "GIFT CARD", None),
        ("6", "PRODUCE", "FRUIT", None, None),
    ]
    wanted = settings().catalogue.replace(excluded_items=("VOUCHERS", "it's \\ odd"))

    found = answers(spark, products_sql("product_type", wanted), products=spark.createDataFrame(rows, PRODUCTS))

    assert found == [("3", "CHEESE / BRIE", "BRIE", "CHEESE", "GROCERY")]


def test_a_type_is_an_item_within_its_category_and_products_of_it_are_one_item():
    rows = [("1", "MILK / PLAIN"), ("2", "RICE / PLAIN"), ("3", "MILK / PLAIN")]
    table = pa.table(
        {
            "product_id": [p for p, _ in rows],
            "item": [i for _, i in rows],
            "name": ["PLAIN"] * 3,
            "category": [i.split(" / ")[0] for _, i in rows],
            "department": ["FOOD"] * 3,
        }
    )

    found = numbered(table, "product_type")

    assert found.keys == ["MILK / PLAIN", "RICE / PLAIN"]
    assert dict(zip(found.products["product_id"].to_pylist(), found.products["item"].to_pylist(), strict=True)) == {
        "1": 0,
        "3": 0,
        "2": 1,
    }


def test_without_a_products_table_every_sold_product_is_an_item_of_its_own(spark):
    sold = lines(spark, ("pos:1", AS_OF, "p7", 1, 100), ("pos:1", AS_OF, None, 1, 100))
    none = spark.createDataFrame([], PRODUCTS)

    found = answers(spark, products_sql("product_id", settings().catalogue), products=none, order_lines=sold)

    assert found == [("p7", "p7", "p7", "", "")]


def test_a_word_that_cannot_be_looked_for_is_a_fault_of_the_conf():
    with pytest.raises(LakehouseError, match="forbidden word"):
        products_sql("product_type", settings().catalogue.replace(forbidden_words=("wine(",)))


def test_purchases_are_days_with_the_item_and_refunds_and_later_days_are_none(spark):
    day = date(2026, 6, 29)
    sold = lines(
        spark,
        ("pos:1", day, "p0", 1, 100),
        ("pos:1", day, "p0", 2, 200),
        ("web:1", date(2026, 3, 1), "p0", 1, 90),
        ("pos:1", day, "p1", -1, -100),
        ("pos:1", date(2026, 7, 2), "p1", 1, 100),
        (None, day, "p0", 1, 100),
        ("pos:1", date(2026, 8, 30), "p0", 1, 100),
        ("pos:1", day, "p9", 1, 100),
    )
    accounts = spark.createDataFrame([("pos:1", 4), ("web:1", 4)], "account_id STRING, customer INT")
    products = spark.createDataFrame([("p0", 0, 7), ("p1", 1, 8)], "product_id STRING, item INT, product INT")

    found = answers(spark, pairs_sql(AS_OF, 28), order_lines=sold, accounts=accounts, products=products)

    taken = (day - date.min).days * PACK + 7
    assert found == [(4, 0, 2, 1, 1, 1, 1, 121, taken, False), (4, 1, 0, 0, 0, 0, None, None, None, True)]


def test_an_item_with_fewer_buyers_than_asked_for_leaves_the_catalogue():
    rows = [(c, i, 1, 0, 1, 1, 3, 3, 0, False) for c, i in ((0, 0), (1, 0), (2, 1))]
    names = (
        "customer",
        "item",
        "day_count",
        "week_day_count",
        "recent_day_count",
        "season_day_count",
        "days_since",
        "age_days",
        "last_taken",
        "is_wanted",
    )
    pairs = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])

    found = snapshot(
        pairs, items_of("A / a", "B / b"), pa.array(["x", "y", "z"]), AS_OF, settings().catalogue.replace(min_buyers=2)
    )

    assert (found.items.keys, found.customers, found.customer.tolist()) == (["A / a"], ["x", "y", "z"], [0, 1])


def test_a_refusal_or_an_exclusion_leaves_no_row_and_silence_is_not_agreement(spark):
    said = [
        ("a:1", "marketing_email", True),
        ("b:1", "marketing_email", False),
        ("b:2", "marketing_sms", True),
        ("c:1", "delivery", False),
        ("d:1", "marketing", True),
    ]
    owners = [("a:1", "ann"), ("b:1", "bob"), ("b:2", "bob"), ("c:1", "cat"), ("d:1", "dan"), ("e:1", "eve")]
    tables = {
        "consents": spark.createDataFrame(said, "account_id STRING, purpose STRING, is_granted BOOLEAN"),
        "customer_map": spark.createDataFrame(owners, "account_id STRING, customer_id STRING"),
        "segments": spark.createDataFrame([("dan", "staff")], "customer_id STRING, segment STRING"),
        "tags": spark.createDataFrame(
            [("old", "bulk_buyer", None, "eve"), ("ann", "bulk_buyer", AS_OF, "ann")],
            "customer_id STRING, tag STRING, valid_to DATE, current_customer_id STRING",
        ),
    }
    wanted = settings().consent.replace(excluded_segments=("staff",), excluded_tags=("bulk_buyer",))

    assert answers(spark, permitted_sql(Share(), wanted), **tables) == [("ann", "agreed"), ("cat", "not_asked")]
    asked = permitted_sql(Share(), wanted.replace(needs_agreement=True))
    assert answers(spark, asked, **tables) == [("ann", "agreed")]


def test_shares_part_the_customers_and_leave_none_out(spark):
    table = pa.table({"customer_id": [f"c{n}" for n in range(500)]})
    found = [
        answers(spark, f"SELECT customer_id FROM {{t}} WHERE {Share(n, 3).condition('customer_id')}", t=table)
        for n in range(3)
    ]

    assert sorted(row for part in found for row in part) == sorted((c,) for c in table["customer_id"].to_pylist())
    assert min(map(len, found)) > 100


def test_the_product_of_a_new_item_is_the_one_that_most_customers_take_now():
    items = items_of("A / a")
    bought = purchases_of(
        items,
        ann={0: (1, 9, 9)},
        bob={0: (1, 9, 9)},
        cat={0: (1, 9, 9)},
        dan={0: (9, 99, 99)},
        eve={0: (9, 99, 99)},
        fay={0: (9, 99, 99)},
    )

    assert popular(replace(bought, product=np.array([5, 4, 4, 7, 7, 7]))).tolist() == [4]
    old = replace(bought, counts=bought.counts | {"days_since": np.full(6, 99.0)})
    assert popular(replace(old, product=np.array([5, 4, 4, 7, 7, 7]))).tolist() == [7]
    assert popular(replace(bought, product=np.array([5, 4, 9, 7, 7, 7]))).tolist() == [4]  # the first of equals


def test_a_customer_without_an_order_is_offered_what_others_begin_with():
    items = items_of("A / a", "A / b", "B / c", "C / d")
    begun = {name: {0: (2, 1, 50), 2: (1, 50, 50), 3: (1, 2, 2)} for name in ("ann", "bob", "cat")}
    bought = purchases_of(items, **begun, dan={1: (1, 8, 8)}, eve={1: (1, 8, 8)})
    wanted = settings()
    wanted = wanted.replace(catalogue=wanted.catalogue.replace(min_buyers=2))

    assert offered(bought, np.arange(5), wanted) == [(0, 3 / 5), (2, 3 / 5)]  # b is of the same category as a
    assert offered(bought, np.array([3, 4]), wanted) == [(1, 1.0)]
    assert offered(bought, np.array([4]), wanted) == []


def test_a_newcomer_waits_in_the_first_channel_that_has_offers():
    customers = pa.array(["ann", "bob", "bob", "cat"])
    channel, place = pa.array(["web", "app", "web", "list"]), pa.array([0, None, None, None], pa.int32())

    found = waiting(customers, channel, place, ["app", "web"])

    assert [(name, people.to_pylist()) for name, people in found] == [("app", ["bob"]), ("web", []), ("", ["cat"])]


def test_rules_name_items_and_one_that_speaks_of_something_forbidden_names_none(spark):
    offers = spark.createDataFrame(
        [("ann", 1, "p0", ["BREAD", "CHEESE"]), ("ann", 2, "p1", ["BREAD"]), ("bob", 1, "p0", ["CIGARETTES"])],
        "customer_id STRING, rank INT, product_id STRING, antecedent ARRAY<STRING>",
    )
    products = spark.createDataFrame([("p0", 0), ("p1", 0)], "product_id STRING, item INT")

    found = answers(spark, cross_sold_sql(settings().catalogue), cross_sell=offers, products=products)

    assert found == [("ann", 0, f"BREAD{BETWEEN}CHEESE")]


def test_a_customer_with_one_order_gets_new_items_that_are_not_the_bought_one():
    bought = crowd(40, 30, seed=1)
    one = purchases_of(bought.items, **{"only": {3: (1, 2, 2)}})

    found = recommended(one, crowd_of(bought, no_model()), stand_in(), NONE, settings())

    rows = pa.concat_tables(found).to_pylist()

    assert len(rows) == settings().choice.items_per_customer
    assert [row["kind"] for row in rows if row["item"] == bought.items.keys[3]] in ([], ["repurchase"])
    assert {row["reason"] for row in rows if row["kind"] == "new"} == {"many of our customers buy it"}


def test_the_customers_own_rhythm_makes_an_item_due_and_the_reason_says_it():
    items = items_of("MILK / milk", "TEA / tea", "SALT / salt")
    bought = purchases_of(items, ann={0: (5, 9, 49), 1: (5, 6, 46), 2: (1, 30, 30)})

    rows = {row["item_name"]: row for row in served(bought)["ann"]}

    assert (rows["milk"]["kind"], rows["milk"]["source"]) == ("due", "rhythm")
    assert rows["milk"]["reason"] == "you buy it about every 10 days, and last did 9 days ago"
    assert (rows["tea"]["kind"], rows["tea"]["reason"]) == ("repurchase", "you have bought it 5 times, last 6 days ago")
    assert rows["salt"]["reason"] == "you bought it 30 days ago"


def test_taste_gives_the_reason_where_an_own_item_is_like_the_new_one():
    items = items_of("CHEESE / BRIE", "WINEGUMS / RED", "RICE / LONG")
    bought = purchases_of(items, ann={0: (4, 2, 30)}, bob={1: (1, 2, 30)}, cat={2: (1, 2, 2)})
    model = Model(AS_OF, items.keys, np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), stand_in())

    rows = {row["item_name"]: row for row in served(bought, model=model)["ann"]}

    assert (rows["red"]["source"], rows["red"]["reason"]) == ("taste", "because you buy cheese")
    assert rows["red"]["because_of"] == "CHEESE / BRIE"
    assert (rows["long"]["source"], rows["long"]["reason"]) == ("popularity", "many of our customers buy it")


def test_an_item_is_said_as_the_conf_has_it():
    items = items_of("CHEESE / BRIE", "FLUID MILK / FLUID MILK WHITE ONLY")
    bought = purchases_of(items, ann={0: (4, 2, 30)}, bob={1: (1, 2, 30)})
    wanted = settings()
    wanted = wanted.replace(catalogue=wanted.catalogue.replace(spoken_names={"FLUID MILK WHITE ONLY": "milk"}))

    assert [row["item_name"] for row in served(bought, wanted)["ann"] if row["kind"] == "new"] == ["milk"]


def test_a_rule_gives_the_reason_of_the_item_that_it_names():
    items = items_of("CHEESE / BRIE", "WINEGUMS / RED")
    bought = purchases_of(items, ann={0: (4, 2, 30)}, bob={1: (1, 2, 30)})
    named = Named(np.array([0]), np.array([1]), pa.array(["cheese and milk"]), np.array([False]))

    (row,) = [row for row in served(bought, named=named)["ann"] if row["kind"] == "new"]

    assert (row["source"], row["reason"]) == ("rule", "it goes well with cheese and milk, which you buy")


def test_what_follows_on_an_earlier_purchase_is_due_and_says_on_which():
    items = items_of("NAPPIES / SMALL", "PRAMS / FOLDING")
    bought = purchases_of(items, ann={0: (4, 2, 30)}, bob={1: (1, 2, 30)})
    named = Named(np.array([0]), np.array([1]), pa.array(["nappies"]), np.array([True]))

    (row,) = [row for row in served(bought, named=named)["ann"] if row["item_name"] == "folding"]

    assert (row["kind"], row["source"]) == ("due", "follow_on")
    assert row["reason"] == "many who buy nappies, as you do, come to want it"


def test_what_falls_due_is_looked_up_while_it_is_due_and_may_be_said(spark):
    near, far = date(2026, 6, 1), date(2026, 8, 1)
    due = spark.createDataFrame(
        [
            ("ann", "product_category", "PRAMS", "follow_on", near, far, 0.4, "r1"),
            ("ann", "product_category", "PRAMS", "follow_on", near, far, 0.5, "r2"),
            ("bob", "product_category", "PRAMS", "follow_on", far, far, 0.4, "r1"),
            ("bob", "product_category", "ASHTRAYS", "follow_on", near, far, 0.4, "r3"),
            ("bob", "product_category", "MILK", "repurchase", near, far, 0.4, None),
        ],
        "customer_id STRING, item_level STRING, item STRING, kind STRING, due_from DATE, due_to DATE, "
        "probability DOUBLE, rule_id STRING",
    )
    rules = spark.createDataFrame(
        [("r1", "NAPPIES"), ("r2", "COTS"), ("r3", "CIGARS")], "rule_id STRING, antecedent STRING"
    )

    found = answers(spark, follow_on_sql(settings().catalogue, AS_OF), due_now=due, rules=rules)

    assert found == [("ann", "product_category", "PRAMS", "COTS")]


def test_of_a_category_that_is_due_the_item_that_others_take_up_most_stands():
    items = items_of("PRAMS / FOLDING", "PRAMS / LARGE", "MILK / PLAIN")
    bought = purchases_of(items, ann={2: (1, 1, 1)})
    levels = ["product_category", "product_type", "product_id", "brand"]
    due = pa.table(
        {"customer_id": ["ann"] * 4, "item_level": levels, "item": ["PRAMS", "FOLDING", "p2", "x"], "cause": ["c"] * 4}
    )

    found = representative(due, items, bought, np.array([0.1, 0.3, 0.2]))

    assert found["item"].to_pylist() == ["PRAMS / LARGE", "PRAMS / FOLDING", "MILK / PLAIN", None]


def test_nothing_due_by_sparks_answer_stands_beside_offers():
    items = items_of("PRAMS / FOLDING")
    names = ("customer_id", "item_level", "item", "cause")
    no_rows = pa.schema([pa.field(name, pa.string(), nullable=False) for name in names]).empty_table()

    found = representative(no_rows, items, purchases_of(items, ann={0: (1, 1, 1)}), np.array([0.1]))

    offers = pa.table({"customer_id": ["ann"], "item": ["PRAMS / FOLDING"], "cause": ["c"]})
    assert pa.concat_tables([found, offers]).num_rows == 1


def test_an_item_that_the_fit_did_not_know_is_ranked_without_taste():
    bought = crowd(30, 20, seed=2)
    model = Model(AS_OF, bought.items.keys[:10], np.ones((10, 2)), stand_in())

    assert model.of(bought.items)[10:].tolist() == [[0.0, 0.0]] * 10
    assert served(bought, model=model)


def test_lists_do_not_depend_on_how_customers_are_batched():
    bought = crowd(60, 30, seed=3)
    model = Model(AS_OF, bought.items.keys, np.random.default_rng(5).normal(size=(30, 4)), stand_in())
    crowd_ = crowd_of(bought, model)

    whole = pa.concat_tables(recommended(bought, crowd_, stand_in(), NONE, settings()))
    parts = [recommended(bought.of(n, n + 7), crowd_, stand_in(), NONE, settings()) for n in range(0, 60, 7)]

    assert pa.concat_tables([table for part in parts for table in part]).equals(whole)


def test_ranks_have_no_gaps_and_no_item_stands_twice_in_a_list():
    for rows in served(crowd(60, 30, seed=4)).values():
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        assert len({row["item"] for row in rows}) == len(rows)
