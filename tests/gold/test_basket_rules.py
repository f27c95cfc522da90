"""Rules from the counts by day: what a row says, what the conf changes, and what is said where there are none."""

from datetime import date, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest

from jobs.gold import basket_days, basket_rules
from jobs.gold.basket_rules import judged_rules
from jobs.gold.baskets.added_days import kept_of
from jobs.gold.baskets.basket_counts import count_here, day_number, weights_of
from jobs.gold.baskets.kept_days import Kept, first_rows
from jobs.gold.baskets.rule_rows import Level
from jobs.gold.product_levels.levels import PRODUCT_LEVEL
from tests.gold.basket_lines import baskets_at_hand, publish_lines, settings

TODAY = date(2017, 10, 2)


def level_of(baskets: dict[int, list[str]], asked, as_of: date = TODAY) -> Level:
    """Baskets by age in days, one item per letter, as the counting job keeps them."""
    texts = [basket for of_day in baskets.values() for basket in of_day]
    days = [day_number(as_of) - age for age, of_day in baskets.items() for _ in of_day]
    counted = count_here(baskets_at_hand(texts, days), asked, as_of)
    rows = first_rows("product_id", counted, asked, as_of)
    first = rows.filter(rows["first_itemset"].to_numpy() == 0)
    kept = kept_of(first)
    flat = rows["itemset_counts"].combine_chunks().flatten().to_numpy()
    kept = Kept(kept.days, kept.basket_counts, kept.untracked_most, kept.min_support, flat.reshape(first.num_rows, -1))
    return Level(
        "product_id", counted.names, counted.itemsets, kept, weights_of(kept.days, as_of, asked.half_life_days)
    )


def rules_by_name(baskets: dict[int, list[str]], **changed) -> dict[str, dict]:
    asked = settings(**{"min_support": 0.05, "min_confidence": 0.3, "min_baskets_per_rule": 1, **changed})
    rows = judged_rules(level_of(baskets, asked), asked, TODAY).rows.to_pylist()
    return {"".join(row["antecedent"]) + row["consequent"]: row for row in rows}


def test_with_a_half_life_old_baskets_count_less_by_exact_halves():
    baskets = {0: ["ab", "a"] * 4, 10: ["ab", "b"] * 8, 20: ["b"] * 8}
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    both, a, b, total = 4 + 8 * half, 8 + 8 * half, 4 + 16 * half + 8 * quarter, 8 + 16 * half + 8 * quarter

    rule = rules_by_name(baskets, half_life_days=10.0)["ab"]

    assert rule["support"] == float(both / total)
    assert rule["confidence"] == float(both / a)
    assert rule["lift"] == float(both * total / (a * b))
    assert rule["basket_count"] == 12  # whole, however old


def test_rules_on_equal_weights_do_not_depend_on_when_baskets_were():
    one = rules_by_name({0: ["ab", "a", "c"] * 9})
    other = rules_by_name({3: ["ab"] * 9, 2: ["a"] * 9, 1: ["c"] * 9})

    said = ("support", "confidence", "lift", "leverage", "conviction", "p_value", "q_value", "is_redundant")
    assert {n: [r[k] for k in said] for n, r in one.items()} == {n: [r[k] for k in said] for n, r in other.items()}


def test_a_redundant_rule_is_flagged_and_dropped_where_the_conf_says_so():
    baskets = {0: ["abc"] * 10 + ["ac"] * 10 + ["a", "b"] * 5 + ["d"] * 10}  # c goes with a: b adds nothing
    flagged = rules_by_name(baskets)

    assert flagged["ca"]["is_redundant"] is False
    assert flagged["acb"]["is_redundant"] is True  # as sure as c alone
    assert flagged["bca"]["is_redundant"] is True  # c alone is always with a
    assert set(rules_by_name(baskets, redundant_rules="drop")) == {
        n for n, r in flagged.items() if not r["is_redundant"]
    }


def test_rules_of_a_larger_q_value_than_the_conf_allows_are_left_out():
    baskets = {0: ["ab"] * 30 + ["c"] * 30 + ["ad", "d", "a", "c"] * 8}
    everything = rules_by_name(baskets)

    kept = rules_by_name(baskets, max_q_value=0.05)

    assert set(kept) == {name for name, row in everything.items() if row["q_value"] <= 0.05}
    assert 0 < len(kept) < len(everything)


def test_benjamini_hochberg_asks_less_than_benjamini_yekutieli():
    baskets = {0: ["ab"] * 9 + ["a", "b"] * 3 + ["c"] * 30}

    strict = rules_by_name(baskets)["ab"]["q_value"]

    assert rules_by_name(baskets, false_discovery="benjamini_hochberg")["ab"]["q_value"] < strict


def test_a_rule_that_held_before_the_last_month_and_since_holds_later():
    old, new = ["ab"] * 40 + ["c"] * 60, ["ab"] * 20 + ["c"] * 30
    rule = rules_by_name({31: old, 5: new})["ab"]

    assert (rule["holds_later"], rule["lift_earlier"], rule["lift_later"]) == (True, 2.5, 2.5)
    assert rule["basket_count_later"] == 20
    assert rule["lift_later_low"] > 1


def test_a_rule_that_fell_to_chance_in_the_last_month_does_not_hold():
    old, new = ["ab"] * 40 + ["c"] * 60, ["a", "b"] * 40 + ["ab"] * 20 + ["c"] * 20

    assert rules_by_name({31: old, 5: new})["ab"]["holds_later"] is False


def test_a_rule_of_the_last_month_alone_is_not_judged_by_the_baskets_that_made_it():
    rule = rules_by_name({31: ["c", "a", "b"] * 20, 5: ["ab"] * 40})["ab"]

    assert (rule["holds_later"], rule["lift_earlier"]) == (None, None)


def test_the_day_of_the_cut_is_the_last_of_the_earlier_ones():
    baskets = {30: ["ab"] * 40 + ["c"] * 60, 29: ["ab"] * 20 + ["c"] * 30}

    assert rules_by_name(baskets, check_days=30)["ab"]["basket_count_later"] == 20


def test_the_notes_say_how_the_earlier_rules_fared_those_that_are_no_more_included():
    asked = settings(min_support=0.05, min_confidence=0.6, min_baskets_per_rule=1)
    old, new = ["ab"] * 150 + ["c"] * 600, ["a", "b"] * 80 + ["c"] * 20
    level = level_of({31: old, 5: new}, asked)

    notes = " ".join(judged_rules(level, asked, TODAY).notes)

    assert "of 2 rules by product_id that promised more than chance on baskets older than 30 days, 0 hold" in notes


def test_too_few_baskets_give_no_rules_and_say_how_many_are_needed():
    found = judged_rules(level_of({0: ["ab"] * 19}, settings()), settings(), TODAY)

    assert found.rows.num_rows == 0
    assert "19 baskets" in found.notes[0]
    assert "20 are asked" in found.notes[0]


def test_baskets_of_one_product_have_itemsets_and_no_rules():
    assert rules_by_name({0: ["a", "b"] * 20}) == {}


def test_the_job_publishes_the_rules_and_twice_the_same(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 15 + ["p2"] * 10)

    published = []
    for _ in range(2):
        basket_days.run(lake, TODAY, settings())
        basket_rules.run(lake, TODAY, settings())
        published.append(lake.read(basket_rules.WRITES).orderBy("rule_id").collect())

    rows = {(*row.antecedent, row.consequent): row for row in published[0]}
    assert published[1] == published[0]
    assert set(rows) == {("p1", "p3"), ("p3", "p1")}
    rule = rows["p1", "p3"]
    assert (rule.level, rule.basket_count, rule.support, rule.confidence) == (PRODUCT_LEVEL, 15, 0.6, 1.0)
    assert rule.lift == pytest.approx(25 / 15)
    assert rule.conviction is None
    assert "by product_id" in " ".join(lake.notes)


def test_without_any_line_the_tables_are_empty_and_say_why(lake):
    basket_days.run(lake, TODAY, settings())
    basket_rules.run(lake, TODAY, settings())

    assert lake.row_count("gold.basket_itemsets") == lake.row_count(basket_rules.WRITES) == 0
    assert "no rules by product_id: 0 baskets with a known item, and 20 are asked" in " ".join(lake.notes)


def test_several_levels_have_their_own_rules(spark, lake):
    publish_products(spark, lake)
    publish_lines(spark, lake, ["p1 p3"] * 15 + ["p2"] * 10)
    asked = settings(levels=("department", "product_id"))

    basket_days.run(lake, TODAY, asked)
    basket_rules.run(lake, TODAY, asked)

    rows = lake.read(basket_rules.WRITES).collect()
    assert {(r.level, *r.antecedent, r.consequent) for r in rows} >= {
        ("department", "FOOD", "HOME"),
        ("product_id", "p1", "p3"),
    }


def publish_products(spark, lake) -> None:
    """p1 and p2 are food, p3 is for the home."""
    named = pa.table({"product_id": ["p1", "p2", "p3"], "department": ["FOOD", "FOOD", "HOME"]})
    empty = lake.empty("silver.products").schema
    filled = {
        "quality_flags": "array()",
        "_export": "'e'",
        "_source_file": "'f'",
        "_source_line": "1L",
        "_run_date": "date'2017-10-02'",
    }
    columns = [
        f"CAST({filled.get(f.name, f.name if f.name in named.column_names else 'NULL')} AS "
        f"{f.dataType.simpleString()}) AS {f.name}"
        for f in empty
    ]
    lake.publish("silver.products", spark.createDataFrame(named).selectExpr(*columns), TODAY - timedelta(days=1))
