"""Our macros give one answer on both engines: amounts, nobodies, yes and no, dates in words."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.config.findings import Findings
from lakehouse.sql import dialect, duckdb_engine, expressions
from lakehouse.sql.checks import Scope, check_expression

AMOUNTS = {  # text -> hundredths with a point as the decimal mark, with a comma
    "9.99": (999, None),
    "9,99": (None, 999),
    "1,234.56": (123456, None),
    "1.234,56": (None, 123456),
    "1.234": (None, 123400),
    "1,234": (123400, None),
    "1'234.50": (123450, None),
    "1\u202f234,50 €": (None, 123450),
    "1,00,000.00": (10000000, None),
    "($9.99)": (-999, None),
    "9.99-": (-999, None),
    "'-39.96": (-3996, None),
    "\u22125.00": (-500, None),
    "-$9.99": (-999, None),
    "$-9.99": (-999, None),
    "CHF 12.50": (1250, None),
    "Fr. 12.50": (1250, None),
    "0.125": (13, None),
    "12.345": (None, 1234500),
    "1.234.567": (None, 123456700),
    "5": (500, 500),
    "": (None, None),
    "12,-": (1200, 1200),
    "1.200,-": (None, 120000),
    "12.\u2013": (1200, 1200),
    "kr 15,-": (1500, 1500),
    "Fr.-12.00": (-1200, None),
    "Rs. 1,234.50/-": (123450, None),
    "US $12.99": (1299, None),
    "$(9.99)": (-999, None),
    "9.99 CR": (None, None),
    "9,99 S": (None, None),
    "n/a": (None, None),
    "1.2.3": (None, None),
    "12 34": (None, None),
}
KEYS = {"C1": "C1", " 00017 ": "00017", "0": None, "NULL": None, "\\N": None, "Guest": None, "(not set)": None,
        "1.23457E+11": None, "---": None, "散客": None, "000": "000"}  # fmt: skip
ANSWERS = {
    "Sí": True,
    "NO": False,
    "1.0": True,
    "0.0": False,
    "x": True,
    "Unsubscribed": False,
    "是": True,
    "maybe": None,
}
DIGITS = {  # Arabic, Persian, Indian, Thai and full-width ones
    "١٬٢٣٤٫٥٠": "1,234.50",
    "۱۴۰۳/۰۱/۰۵": "1403/01/05",
    "१२३.४५": "123.45",
    "๑๒๓": "123",
    "１，２３４．５０": "1,234.50",
    "1,234.50": "1,234.50",
    "": "",
}
DATES = {
    ("1. März 2024", "de"): "1. 03 2024",
    ("12 août 2024 09:00", "fr"): "12 08 2024 09:00",
    ("Fri, 01 Mar 2024", "en"): "01 03 2024",
    ("2024年3月1日 下午3:05", "en"): "2024年3月1日 pm3:05",
    ("01/03/2024 9:05 a.\u00a0m.", "es"): "01/03/2024 9:05 am",
}


def in_duckdb(sql: str, texts: list[str]) -> list[object]:
    with duckdb_engine.with_our_functions() as opened:
        query = f"SELECT {dialect.translated(sql)} FROM (SELECT unnest(?) AS x)"
        return [row[0] for row in opened.execute(query, [texts]).fetchall()]


def in_spark(spark: SparkSession, sql: str, texts: list[str]) -> list[object]:
    rows = spark.createDataFrame([(i, text) for i, text in enumerate(texts)], "i INT, x STRING")
    return [row[0] for row in rows.orderBy("i").select(F.expr(expressions.expand(sql))).collect()]


CASES = [
    ("cents(x, '.')", [(text, right[0]) for text, right in AMOUNTS.items()]),
    ("cents(x, ',')", [(text, right[1]) for text, right in AMOUNTS.items()]),
    ("plain_digits(x)", list(DIGITS.items())),
    ("cents(plain_digits(x), '.')", [("١٬٢٣٤٫٥٠", 123450), ("(९.९९)", -999), ("لا", None)]),
    ("somebody(x)", list(KEYS.items())),
    ("yes(x)", list(ANSWERS.items())),
    *[(f"plain_date(x, '{language}')", [(text, plain)]) for (text, language), plain in DATES.items()],
]


@pytest.mark.parametrize(("sql", "pairs"), CASES)
def test_in_duckdb(sql, pairs):
    assert dict(zip([p[0] for p in pairs], in_duckdb(sql, [p[0] for p in pairs]), strict=True)) == dict(pairs)


@pytest.mark.parametrize(("sql", "pairs"), CASES)
def test_in_spark(spark, sql, pairs):
    assert dict(zip([p[0] for p in pairs], in_spark(spark, sql, [p[0] for p in pairs]), strict=True)) == dict(pairs)


def test_the_most_frequent_value_is_the_lowest_of_equals_on_both_engines(spark):
    texts = ["b", "a", "c", "a", "b"]
    rows = spark.createDataFrame([(t,) for t in texts], "x STRING")
    assert rows.agg(F.expr(expressions.expand("most_frequent(x)"))).collect()[0][0] == "a"
    assert in_duckdb("most_frequent(x)", texts) == ["a"]


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("cents(x, '!')", "one of"),
        ("plain_date(x, 'xx')", "one of"),
        ("yes(x, 'y')", "one value"),
        ("cents()", "takes"),
    ],
)
def test_what_is_wrong_with_a_macro_is_said(sql, part):
    findings = Findings()
    check_expression(sql, Scope({"x"}), "here", findings)
    assert part in findings.errors[0].line()
