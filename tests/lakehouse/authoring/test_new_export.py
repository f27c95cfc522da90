"""Proposals for suppliers' files: each must pass `lakehouse check` and give the amounts that the file has."""

import gzip
import random
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.authoring import checks as checking
from lakehouse.authoring import preview
from lakehouse.authoring.proposal import proposal
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.values import judged
from lakehouse.cli.main import main
from lakehouse.config.exports import Export
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts


def proposed(file: Path, folder: Path) -> tuple[Export, Conf]:
    """The export that is proposed for a file, checked."""
    layer = folder / "own"
    assert main(["new-export", str(file), "--out", str(layer)]) == 0
    conf = Conf([layer])
    found = checking.everything(conf)
    assert [item.line() for item in found.findings.errors] == []
    return next(iter(found.exports.values())), conf


def rows(file: Path, export: Export, conf: Conf, table: str) -> pd.DataFrame:
    """All mapped rows of a target."""
    target = next(t for t in export.targets if t.table == table)
    types = {c.name: c.type for c in Contracts(conf)[table].columns}
    made = preview.mapped(preview.lines(file, export, 10**7, 10**9).table, export, target, types)
    assert made.needs_spark == ()
    return made.rows.to_pandas()


def tables(export: Export) -> list[str]:
    return [target.table for target in export.targets]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_invoice_lines_with_price_and_quantity_give_orders_lines_customers_and_products(tmp_path):
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    for i in range(60):
        number = f"C{5000 + i}" if i % 10 == 9 else str(5000 + i)
        sign = -1 if number.startswith("C") else 1
        customer = "" if i % 7 == 0 else str(17000 + i % 5)
        lines += [
            f"{number},A{j},THING {j},{sign * (j + 1)},2011-0{1 + i % 9}-04 08:2{j}:00,2.55,{customer},France"
            for j in range(3)
        ]
    file = tmp_path / "online_retail.csv.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))

    export, conf = proposed(file, tmp_path)

    assert tables(export) == ["silver.orders", "silver.order_lines", "silver.customers", "silver.products"]
    orders = rows(file, export, conf, "silver.orders")
    assert len(orders) == 60
    assert orders["total_cents"].sum() == (54 - 6) * 6 * 255
    assert (orders["order_type"] == "cancellation").sum() == 6
    assert orders["account_id"].isna().sum() == 9
    assert rows(file, export, conf, "silver.order_lines")["sales_cents"].sum() == orders["total_cents"].sum()
    assert set(rows(file, export, conf, "silver.products")["product_id"]) == {"A0", "A1", "A2"}


def test_words_apart_by_spaces_without_order_numbers_give_an_order_per_customer_and_day(tmp_path):
    lines = [f" {1 + i // 3:05d} 199{7 + i % 2}01{1 + i % 28:02d} {i % 5:2d} {i}.50" for i in range(90)]
    for name, text in (
        ("cdnow.txt", "\n".join([" customer_id  date number dollar_value", *lines])),
        ("bare.txt", "\n".join(lines)),
    ):
        file = write(tmp_path, name, text)
        export, conf = proposed(file, tmp_path / name.split(".")[0])

        orders = rows(file, export, conf, "silver.orders")

        assert orders["total_cents"].sum() == sum(100 * i + 50 for i in range(90))
        assert orders["order_date"].notna().all()
        assert orders["account_id"].nunique() == 30


def test_headers_with_spaces_and_american_dates_are_understood(tmp_path):
    head = (
        "Row ID,Order ID,Order Date,Ship Date,Customer ID,Customer Name,City,Postal Code,Product ID,Category,"
        "Sub-Category,Product Name,Sales,Quantity,Discount"
    )
    lines = [
        f"{i},CA-2017-{100 + i // 2},{1 + i % 12}/{1 + i % 28}/2017,{1 + i % 12}/{2 + i % 28}/2017,"
        f'CG-{i // 4},"Gute, Claire",'
        f'Henderson,4242{i % 10},FUR-{i % 6},Furniture,Chairs,"Chair, red {i % 6}",{10 + i}.96,{1 + i % 3},0.2'
        for i in range(80)
    ]
    file = write(tmp_path, "Superstore.csv", "\n".join([head, *lines]))

    export, conf = proposed(file, tmp_path)

    orders = rows(file, export, conf, "silver.orders")
    assert len(orders) == 40
    assert orders["total_cents"].sum() == sum(100 * (10 + i) + 96 for i in range(80))
    assert "discount_cents" not in orders, "a rate is no money"
    assert export.columns["Customer Name"].personal
    assert export.columns["Postal Code"].personal
    assert orders["order_date"].notna().all()
    assert str(orders["order_date"].max()) > "2017-11"
    assert "silver.customers" in tables(export)
    assert set(rows(file, export, conf, "silver.products")["product_category"]) == {"Furniture"}


def test_german_headers_semicolons_decimal_commas_and_latin_letters(tmp_path):
    lines = ["Bestellnummer;Kundennummer;Bestelldatum;Artikelnummer;Artikelbezeichnung;Menge;Einzelpreis;Gesamtbetrag"]
    totals = ("1.234,50", "2.469,00", "3.703,50")
    lines += [
        f"B{100 + i // 2};K{i % 9};{1 + i % 28}.{1 + i % 12}.2024;A{i % 4};Gefäß grün {i % 4};{1 + i % 3};"
        f"1.234,50;{totals[i % 3]}"
        for i in range(60)
    ]
    file = write(tmp_path, "bestellungen.csv", "\n".join(lines), "cp1252")

    export, conf = proposed(file, tmp_path)

    assert export.delimiter == ";"
    orders = rows(file, export, conf, "silver.orders")
    assert orders["total_cents"].sum() == sum((1 + i % 3) * 123450 for i in range(60))
    assert orders["order_date"].notna().all()
    assert rows(file, export, conf, "silver.products")["product_name"].str.contains("Gefäß").all()


def test_chinese_headers_in_gb18030_are_understood_and_personal(tmp_path):
    lines = ["订单编号,会员号,姓名,手机号,下单时间,商品编号,商品名称,数量,单价"]
    lines += [
        f"D{i // 2},M{i % 8},张三,138000000{i % 8:02d},2024/{1 + i % 12}/{1 + i % 28} 9:05,"
        f"S{i % 5},茶叶,{1 + i % 2},12.5"
        for i in range(60)
    ]
    file = write(tmp_path, "shop_cn.csv", "\n".join(lines), "gb18030")

    export, conf = proposed(file, tmp_path)

    orders = rows(file, export, conf, "silver.orders")
    assert orders["total_cents"].sum() == sum((1 + i % 2) * 1250 for i in range(60))
    assert orders["ordered_at"].notna().all()
    assert [name for name, column in export.columns.items() if column.personal] == ["姓名", "手机号"]


def test_only_customer_date_and_amount(tmp_path):
    lines = ["customer,day,amount", *(f"c{i % 7},{1 + i % 28:02d}/0{1 + i % 9}/2023,{i}.25" for i in range(70))]
    file = write(tmp_path, "tx.csv", "\n".join(lines))

    export, conf = proposed(file, tmp_path)

    assert tables(export) == ["silver.orders"]
    assert rows(file, export, conf, "silver.orders")["total_cents"].sum() == sum(100 * i + 25 for i in range(70))


def test_separate_files_of_orders_items_and_customers(tmp_path):
    orders = write(
        tmp_path,
        "olist_orders.csv",
        "\n".join(
            [
                '"order_id","customer_id","order_status","order_purchase_timestamp"',
                *(f'"o{i:03d}a","k{i % 9}e","sent","2017-10-{1 + i % 28:02d} 10:56:33"' for i in range(50)),
            ]
        ),
    )
    items = write(
        tmp_path,
        "olist_items.csv",
        "\n".join(
            [
                '"order_id","order_item_id","product_id","price","freight_value"',
                *(f'"o{i // 2:03d}a",{1 + i % 2},"p{i % 6}b",58.90,13.29' for i in range(100)),
            ]
        ),
    )
    people = write(
        tmp_path,
        "olist_customers.csv",
        "\n".join(
            [
                "customer_id,customer_zip_code_prefix,customer_city,customer_state,email",
                *(f"k{i}e,14409,franca,SP,a{i}@b.example" for i in range(9)),
            ]
        ),
    )

    headers, header_conf = proposed(orders, tmp_path / "a")
    lines, _ = proposed(items, tmp_path / "b")
    customers, customer_conf = proposed(people, tmp_path / "c")

    assert tables(headers) == ["silver.orders"]
    assert len(rows(orders, headers, header_conf, "silver.orders")) == 50
    assert tables(lines) == ["silver.order_lines"]
    assert tables(customers) == ["silver.customers"]
    assert set(rows(people, customers, customer_conf, "silver.customers")["account_id"]) == {
        f"olist:k{i}e" for i in range(9)
    }
    assert headers.channel == customers.channel == lines.channel == "olist"


def test_parquet_and_json_lines(tmp_path):
    made = pa.table(
        {
            "user_id": [str(i % 5) for i in range(40)],
            "order_id": list(range(40)),
            "created_at": [1_700_000_000 + 86400 * i for i in range(40)],
            "total": [i + 0.5 for i in range(40)],
        }
    )
    parquet = tmp_path / "app.parquet"
    pq.write_table(made, parquet)
    json_lines = write(tmp_path, "web.jsonl", made.to_pandas().to_json(orient="records", lines=True))
    for i, file in enumerate((parquet, json_lines)):
        export, conf = proposed(file, tmp_path / str(i))
        orders = rows(file, export, conf, "silver.orders")
        assert orders["total_cents"].sum() == sum(100 * i + 50 for i in range(40))
        assert str(orders["ordered_at"].min()).startswith("2023-11-14")


def test_an_order_total_repeated_on_its_lines_is_counted_once(tmp_path):
    lines = ["order_id,customer_id,order_date,product_id,quantity,unit_price,order_total"]
    for i in range(40):
        lines += [f"{9000 + i},{i % 6},2024-05-{1 + i % 28:02d},{j},1,{j + 1}.00,6.00" for j in range(3)]
    file = write(tmp_path, "o.csv", "\n".join(lines))

    export, conf = proposed(file, tmp_path)

    assert rows(file, export, conf, "silver.orders")["total_cents"].sum() == 40 * 600
    assert rows(file, export, conf, "silver.order_lines")["sales_cents"].sum() == 40 * 600


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (["31/12/2010 8:26", "1/1/2011 10:02"], "d/M/yyyy H:mm"),
        (["12/31/2010 8:26", "1/1/2011 10:02"], "M/d/yyyy H:mm"),
        (["20100104", "20101231"], "yyyyMMdd"),
        (["2010-01-04T08:00:00Z", "2010-01-05 09:00:00"], ""),
        (["04.01.2010", "31.12.2010"], "d.M.yyyy"),
        (["04-Jan-10", "31-Dec-10"], "d-MM-yy"),
        (["2024年1月5日", "2024年12月31日"], "yyyy年M月d日"),
        (["1/5/2011 8:26 AM", "12/31/2011 10:02 PM"], "M/d/yyyy h:mm a"),
    ],
)
def test_date_patterns(texts, pattern):
    found = judged(texts)
    assert found.is_date
    assert found.dates
    assert found.dates.patterns == (pattern,)


def test_a_date_that_fits_both_ways_is_read_in_the_order_of_the_file_and_doubted():
    found = judged([f"{day:02d}/03/2011" for day in range(1, 13)])
    assert found.dates
    assert (found.dates.patterns, found.is_doubtful) == (("d/M/yyyy",), True)


def test_names_are_made_plain():
    assert [plain(name) for name in ("CustomerID", "Sub-Category", "Menge (Stück)", "InvoiceNo", "prénom", "单号")] == [
        "customer_id",
        "sub_category",
        "menge_stueck",
        "invoice_no",
        "prenom",
        "单号",
    ]


def test_a_file_without_anything_known_is_refused_with_a_reason(tmp_path, capsys):
    random.seed(7)
    file = write(tmp_path, "x.csv", "a,b\n" + "\n".join(f"{random.random()},{random.random()}" for _ in range(30)))
    assert main(["new-export", str(file), "--out", str(tmp_path / "own")]) == 2
    assert "no table fits" in capsys.readouterr().err
    assert not (tmp_path / "own").exists()


def test_an_existing_export_is_not_overwritten(tmp_path, capsys):
    file = write(tmp_path, "tx.csv", "customer,day,amount\nc1,2024-01-01,5.00\nc2,2024-01-02,6.00\n")
    assert main(["new-export", str(file), "--out", str(tmp_path / "own")]) == 0
    assert main(["new-export", str(file), "--out", str(tmp_path / "own")]) == 2
    assert "--force" in capsys.readouterr().err


def test_editors_find_the_schema(tmp_path):
    file = write(tmp_path, "tx.csv", "customer,day,amount\nc1,2024-01-01,5.00\nc2,2024-01-02,6.00\n")
    assert proposal(file, schema="../schema.json").text.startswith("# yaml-language-server: $schema=../schema.json\n")
