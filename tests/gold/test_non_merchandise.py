"""gold.non_merchandise: what is sold as a product and is no goods, found by name, number and price."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from benchmarks.life_cycle import SETS
from jobs.gold import non_merchandise
from jobs.gold.settings.non_merchandise import Settings
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from tests.both_engines import stepwise_answers
from tests.gold.memory_lake import MemoryLake

AS_OF = date(2026, 3, 31)
SETTINGS = Conf().settings("non_merchandise", Settings)
PRODUCTS = {"product_id": [], "product_name": [], "department": [], "product_category": [], "product_type": []}
NO_PRODUCTS = pa.table({name: pa.array(values, pa.string()) for name, values in PRODUCTS.items()})


def sold(*lines: tuple[str, int, int]) -> pa.Table:
    """product_id, quantity, sales_cents of lines of one day."""
    ids, quantities, cents = zip(*lines, strict=True)
    return pa.table(
        {
            "product_id": pa.array(ids, pa.string()),
            "quantity": pa.array(quantities, pa.int64()),
            "sales_cents": pa.array(cents, pa.int64()),
            "order_date": pa.array([AS_OF] * len(lines), pa.date32()),
        }
    )


def named(**names: str) -> pa.Table:
    """Products with a name alone."""
    columns = {name: [None] * len(names) for name in PRODUCTS}
    columns |= {"product_id": list(names), "product_name": list(names.values())}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def items(lines: pa.Table, products: pa.Table = NO_PRODUCTS, conf: Conf | None = None) -> dict[str, dict[str, object]]:
    """Item -> its row, by DuckDB."""
    lake = MemoryLake(conf, order_lines=lines, products=products)
    non_merchandise.run(lake, AS_OF, SETTINGS)  # type: ignore[arg-type]
    return {str(row["item"]): row for row in lake.published[non_merchandise.WRITES].to_pylist()}


@pytest.mark.parametrize(
    "name",
    [
        "POSTAGE",
        "Dotcom Postage",
        "Adjust bad debt",
        "Manual",
        "Gift Vouchers £20",
        "Versandkosten",
        "Frais de port",
        "Gutschein 50 EUR",
        "顺丰运费",
        "満額クーポン",
        "COUPON/MISC ITEMS",
        "misc",
        "Pfand",
    ],
)
def test_a_name_that_says_so_is_no_goods(name: str) -> None:
    assert "p1" in items(sold(("p1", 1, 500), ("p2", 1, 900)), named(p1=name, p2="TEA POT"))


@pytest.mark.parametrize(
    "name",
    [
        "FRENCH CARRIAGE LANTERN",
        "Postcard",
        "MISC WINE",
        "Manual juicer",
        "MISCELLANEOUS CROUTONS",
        "Tipp-Ex",
        "Port wine",
        "Greeting cards",
        "OTHER SIDE T-SHIRT",
        "Sampler box",
    ],
)
def test_goods_whose_name_only_sounds_alike_are_goods(name: str) -> None:
    assert items(sold(("p1", 1, 500), ("p2", 1, 900)), named(p1=name, p2="TEA POT")) == {}


def test_a_number_unlike_the_others_with_a_price_of_any_size_is_no_goods() -> None:
    goods = [(f"{n}", 1, 500 + n) for n in range(100)]
    free = [("ZZ", 1, cents) for cents in (5, 90_000, 120, 45_000, 8)]
    bag = [("DCGSSBOY", 1, cents) for cents in (329, 165, 329, 330)]  # a code without digits, and a price

    assert set(items(sold(*goods, *free, *bag))) == {"ZZ"}
    assert items(sold(*free, ("A", 1, 5), ("B", 1, 7))) == {}  # where all numbers are so, none is odd


def test_what_takes_money_off_under_an_odd_number_is_no_goods() -> None:
    goods = [(f"{n}", 1, 500) for n in range(100)]
    assert set(items(sold(*goods, ("KUNDE", -1, -900), ("KUNDE", 1, 100)))) == {"KUNDE"}


def test_lines_without_a_quantity_or_a_product_end_no_night() -> None:
    lines = sold(("POST", 0, 500), ("p2", 0, 0))
    nobody = pa.table({**{n: lines[n] for n in lines.column_names}, "product_id": pa.array([None, None], pa.string())})
    assert items(nobody) == {}
    assert set(items(lines, named(POST="postage"))) == {"POST"}


def test_what_is_listed_nowhere_is_proposed_as_a_line_of_yaml(tmp_path: Path) -> None:
    (tmp_path / "customer_profile.yaml").write_text("excluded_items: [p1]\n")
    lake = MemoryLake(
        Conf([tmp_path]), order_lines=sold(("p1", 1, 5), ("p2", 1, 5)), products=named(p1="Porto", p2="Tip")
    )

    non_merchandise.run(lake, AS_OF, SETTINGS)  # type: ignore[arg-type]

    assert [row["is_listed"] for row in lake.published[non_merchandise.WRITES].to_pylist()] == [True, False]
    (note,) = lake.notes
    assert 'excluded_items: ["p2"] in customer_profile.yaml' in note


def test_of_a_real_shop_postage_manual_corrections_and_bad_debt_are_found_and_hardly_any_goods() -> None:
    file = SETS / "online_retail" / "online_retail.csv.gz"
    if not file.exists():
        pytest.skip("the set online_retail is not at ../shared/data: its postage is not looked for")
    raw = f"read_csv('{file}', all_varchar = true)"
    lines = duckdb.sql(f"""
        SELECT StockCode AS product_id, CAST(Quantity AS BIGINT) AS quantity, DATE '2011-12-09' AS order_date,
               CAST(round(100 * CAST(Quantity AS INT) * CAST(UnitPrice AS DOUBLE)) AS BIGINT) AS sales_cents
        FROM {raw}""").to_arrow_table()
    names = duckdb.sql(f"SELECT StockCode, mode(Description) FROM {raw} GROUP BY 1 ORDER BY 1").fetchall()

    found = items(lines, named(**{code: name for code, name in names if name}))

    assert {"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "B"} <= set(found)
    goods = {code for code in found if code[:5].isdigit() and code not in {"23444", "22016", "23595"}}
    assert goods == set()


def test_the_sample_companys_vouchers_are_found_listed_and_nobodys_favourite() -> None:
    sample = Conf([packaged("conf") / "sample"])
    listed = non_merchandise.listed_items(sample)
    assert {"COUPON/MISC ITEMS", "BOTTLE DEPOSITS"} <= set(listed)
    profile = sample.document("customer_profile").value
    assert "COUPON/MISC ITEMS" in profile["excluded_items"]


def test_both_engines_find_the_same(spark) -> None:
    names = named(p1="Adjust bad debt", p2="Gastos de envío", p3="TEA", p4="快递费用", ZZ="x")
    lines = sold(("p1", 1, 5), ("p2", 0, 7), ("p3", 2, 8), ("p4", 1, 1), ("ZZ", 1, 3), ("ZZ", 1, 30_000))
    generous = SETTINGS.model_copy(update={"odd_number_share": 0.5, "odd_price_spread": 0.5})
    query = non_merchandise.non_merchandise_query(AS_OF, generous, ["it's"])

    rows = stepwise_answers(spark, query.sql, query.steps, order_lines=lines, products=names)

    assert {row[1] for row in rows} == {"p1", "p2", "p4", "ZZ"}
