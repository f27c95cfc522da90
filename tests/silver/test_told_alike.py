"""Lines that are alike are taken together first: what comes of it is what comes of each of them."""

import random

import pytest

from jobs.silver import orders, products
from jobs.silver.conforming import told_alike
from jobs.silver.settings.currency import Settings
from lakehouse.config.exports import Export
from tests.silver.conftest import FIRST, target

AMOUNTS = ("1.00", "2.50", "-3.00", "x", "", None)
ORDERS = {
    "order_id": "concat('pos:', receipt)",
    "ordered_at": "try_to_timestamp(min(at))",
    "total_cents": "sum(cents(paid)) - coalesce(sum(cents(off)), 0)",
    "discount_cents": "sum(CASE WHEN kind = 'b' THEN cents(off) END)",
    "store_id": "CASE WHEN count(*) > 3 THEN max(store) ELSE concat(min(store), count(kind), max(at)) END",
}
PRODUCTS = {
    "product_id": "receipt",
    "product_name": "max(kind)",
    "brand": "CAST(count(1) + count(off) AS STRING)",
    "package_size": "CAST(count(*) AS STRING)",
    "product_type": "CAST(round(sum(number(paid)), 1) / count(*) AS STRING)",
}


def lines_of(company, seed: int):
    """Three hundred lines of some forty receipts, a few told twice, a few without a number, some broken."""
    chance = random.Random(seed)
    rows = []
    for _ in range(300):
        receipt = chance.choice([None, "", *(str(n) for n in range(40))])
        day = f"2017-09-{chance.randint(1, 3):02d} 10:00:00"
        rest = (chance.choice("abc"), chance.choice(AMOUNTS), chance.choice(AMOUNTS), chance.choice(("s1", "s2")), day)
        rows.append((receipt, chance.choice(("c1", "c2", None)), *rest))
    again = [row for row in rows if row[0] in ("3", "4")]
    return company.lines("till", FIRST, "a.csv", *rows, "broken", *again, "broken, too")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", ["silver.orders", "silver.products"])
def test_orders_and_products_are_the_same_whether_lines_are_taken_together_or_each_alone(
    company, monkeypatch, table, seed
):
    columns, key = (ORDERS, "receipt") if table == "silver.orders" else (PRODUCTS, "receipt")
    discard = {"of_a_test": "store = 's2' AND kind = 'c'"}
    to = target(table, _group_by=[key], _account={"key": "card"}, _discard=discard, _flags={"few": "false"}, **columns)
    company.export("till", "pos", "receipt card kind paid off store at", to)
    lines = lines_of(company, seed)
    rules = orders.order_rules(Settings(max_age_days=7), "USD") if table == "silver.orders" else products.RULES
    made, alike = [], told_alike.alike
    monkeypatch.setattr(told_alike, "alike", lambda *given: made.append(alike(*given)) or made[-1])
    together = company.outcomes(table, rules, till=lines).collect()

    monkeypatch.setattr(told_alike, "alike", lambda *_: None)
    alone = company.outcomes(table, rules, till=lines).collect()

    assert None not in made != []
    assert sorted(together, key=str) == sorted(alone, key=str)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("sum(cents(paid))", {"receipt"}),
        ("min(at)", {"receipt", "at"}),
        ("count(*) - count(paid)", {"receipt"}),
        ("first(at)", None),
        ("count(DISTINCT at)", None),
        ("sum(paid) FILTER (WHERE kind = 'a')", None),
        ("avg(number(paid))", None),
        ("min(_source_line)", None),
        ("max_by(at, paid)", None),
    ],
)
def test_what_needs_each_line_is_not_taken_together(sql, columns):
    written = {"total_cents": sql}
    names = ("receipt", "paid", "at", "kind")
    export = Export.model_validate(
        {
            "export": "till",
            "channel": "pos",
            "files": "t_*",
            "format": "csv",
            "columns": {name: {} for name in names},
            "targets": [{"table": "silver.orders", "group_by": ["receipt"], "columns": written}],
        }
    )
    (to,) = export.targets

    made = told_alike.alike(export, to, written, {}, ())

    assert (None if made is None else made.columns) == columns
