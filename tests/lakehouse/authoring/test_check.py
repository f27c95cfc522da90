"""`lakehouse check`: every fault is named with file, line and remedy, before any Spark starts."""

import shutil
from pathlib import Path

import pytest

from lakehouse.authoring import checks as checking
from lakehouse.authoring.checks.globs import common_name
from lakehouse.cli.main import main
from lakehouse.config.documents import packaged
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.promises import breaking, promise

GOOD = """export: shop_orders
channel: shop
files: "orders_*.csv"
format: csv
columns:
  no: {}
  customer: {}
  day: {}
  total: {}
account: {key: customer}
targets:
  - table: silver.orders
    columns:
      order_id: "concat('shop:', no)"
      order_date: "CAST(try_to_timestamp(day, 'd/M/yyyy') AS DATE)"
      total_cents: "cents(total)"
"""


def layer(folder: Path, **files: str) -> Path:
    """A configuration layer with exports by name."""
    for name, text in files.items():
        path = folder / "exports" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def errors(folder: Path) -> list[str]:
    return [item.line() for item in checking.everything(Conf([folder])).findings.errors]


def test_the_packaged_and_the_sample_configuration_have_no_errors():
    assert errors(packaged("conf") / "sample") == []


def test_a_good_export_has_no_errors(tmp_path):
    assert errors(layer(tmp_path, shop_orders=GOOD)) == []


@pytest.mark.parametrize(
    ("was", "now", "line", "words"),
    [
        ("delimiter", "delimiter", 0, ""),
        ("format: csv", "format: csv\ndelimeter: ;", 5, "unknown key 'delimeter'. did you mean 'delimiter'?"),
        ("format: csv", "format: cvs", 4, "did you mean 'csv'?"),
        ("cents(total)", "cents(totl)", 16, "there is no column 'totl'. did you mean 'total'?"),
        ("cents(total)", "cents(total", 16, "no SQL expression"),
        ("cents(total)", "cent(total)", 16, "Spark has no function 'cent'"),
        ("total_cents:", "total_cent:", 16, "no column 'total_cent'. did you mean 'total_cents'?"),
        ("silver.orders", "silver.order", 12, "there is no silver table 'silver.order'"),
        ("channel: shop", "channel: My Shop", 2, "write my_shop"),
        ("shop_orders", "shop_sales", 1, "name the file shop_sales.yaml"),
        ("    columns:\n      order_id", "    group_by: ['no']\n    columns:\n      order_id", 16, "several values"),
        ("    columns:\n      order_id", "    where: nope = 1\n    columns:\n      order_id", 13, "no column 'nope'"),
        ('      total_cents: "cents(total)"\n', "", 12, "needs 'total_cents'"),
        ("order_id: \"concat('shop:', no)\"", "order_type: \"'bought'\"\n      order_id: day", 14, "'bought' is none"),
        ("{key: customer}", "{key: custmer}", 10, "did you mean 'customer'?"),
        ("cents(total)", "line.total", 16, "there is no 'line'"),
    ],
)
def test_a_fault_is_named_with_file_line_and_remedy(tmp_path, was, now, line, words):
    found = errors(layer(tmp_path, shop_orders=GOOD.replace(was, now, 1)))
    if words:
        assert any(f"shop_orders.yaml:{line}: " in text and words in text for text in found), found


def test_a_plain_cast_of_text_is_warned_of(tmp_path):
    made = layer(tmp_path, shop_orders=GOOD.replace("cents(total)", "CAST(total AS BIGINT)"))
    found = checking.everything(Conf([made])).findings.items
    assert any("try_cast(total AS BIGINT)" in item.line() and item.is_warning for item in found)


def test_exploded_structs_have_their_fields_only(tmp_path):
    text = GOOD.replace("  total: {}", "  total: {}\n  lines: {}") + (
        "  - table: silver.order_lines\n"
        "    explode: {column: lines, schema: 'ARRAY<STRUCT<sku: STRING, price: STRING>>', as: line}\n"
        "    columns: {order_id: day, product_id: line.skuu, sales_cents: cents(line.price)}\n"
    )
    found = errors(layer(tmp_path, shop_orders=text))
    assert [("'line' has no field 'skuu'" in text and "did you mean 'sku'?" in text) for text in found] == [True]


def test_two_exports_may_not_claim_the_same_file(tmp_path):
    other = GOOD.replace("shop_orders", "all_orders").replace("orders_*.csv", "*_2024.csv")
    found = errors(layer(tmp_path, shop_orders=GOOD, all_orders=other))
    assert any("'orders_2024.csv' belongs to all_orders and shop_orders" in text for text in found)


@pytest.mark.parametrize(
    ("one", "two", "common"),
    [
        ("a_*.csv", "b_*.csv", None),
        ("a_*.csv", "a_*.jsonl", None),
        ("a*", "*b", "ab"),
        ("a?c", "abc", "abc"),
        ("a[0-9].csv", "a1.csv", "a1.csv"),
        ("*", "*", ""),
    ],
)
def test_patterns_meet_where_one_name_fits_both(one, two, common):
    assert common_name(one, two) == common


def test_a_contract_without_a_suite_and_a_personal_column_without_its_mark_are_errors(tmp_path):
    contract = (packaged("conf") / "contracts" / "silver" / "stores.odcs.yaml").read_text(encoding="utf-8")
    text = contract.replace("silver.stores", "silver.malls").replace("store_name", "email")
    path = tmp_path / "contracts" / "silver" / "malls.odcs.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    found = errors(tmp_path)
    assert any("silver.malls has no expectations" in line for line in found)
    assert any("'email' is a personal value" in line for line in found)


def test_an_expectation_about_a_column_that_is_not_there_is_an_error(tmp_path):
    path = tmp_path / "expectations" / "silver" / "stores.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("- type: expect_column_values_to_be_betwen\n  kwargs: {column: order_cnt}\n", encoding="utf-8")
    found = errors(tmp_path)
    assert any(
        "stores.yaml:1: " in line and "did you mean 'expect_column_values_to_be_between'" in line for line in found
    )
    assert any("did you mean 'order_count'?" in line for line in found)


def test_settings_are_read_by_the_form_of_their_job(tmp_path):
    (tmp_path / "stores.yaml").write_text("few_order_below: 3\n", encoding="utf-8")
    assert any(
        "stores.yaml:1: unknown key 'few_order_below'. did you mean 'few_orders_below'?" in e for e in errors(tmp_path)
    )


def test_a_condition_over_a_column_that_the_profile_lacks_is_an_error(tmp_path):
    (tmp_path / "segments.yaml").write_text(
        "segments:\n  x: {description: y, when: recency_dayz > 3}\n", encoding="utf-8"
    )
    assert any("segments.yaml:2: x: there is no column 'recency_dayz'" in line for line in errors(tmp_path))


def test_a_file_that_nothing_reads_is_warned_of(tmp_path):
    (tmp_path / "segment.yaml").write_text("{}", encoding="utf-8")
    found = checking.everything(Conf([tmp_path])).findings.items
    assert any("nothing reads this file. did you mean 'segments'?" in item.line() for item in found)


def contract(*columns: Column, version: str = "1.0.0") -> Contract:
    return Contract("silver.x", version, "one row per x", columns)


def test_a_breaking_change_is_a_column_gone_retyped_or_newly_required_or_another_key():
    old = promise(contract(Column("a", "STRING", "", key=True), Column("b", "INT", "")))
    assert (
        breaking(
            old, promise(contract(Column("a", "STRING", "", key=True), Column("b", "INT", ""), Column("c", "INT", "")))
        )
        == []
    )
    assert breaking(old, promise(contract(Column("a", "STRING", "", key=True)))) == ["column b is gone"]
    assert breaking(old, promise(contract(Column("a", "STRING", "", key=True), Column("b", "BIGINT", "")))) == [
        "column b was INT and is BIGINT"
    ]
    assert breaking(old, promise(contract(Column("a", "STRING", ""), Column("b", "INT", "", required=True)))) == [
        "column b is required now",
        "the key was a and is ",
    ]


def test_the_command_ends_with_2_on_an_error_and_0_without(tmp_path, capsys):
    good, bad = layer(tmp_path / "good", shop_orders=GOOD), layer(tmp_path / "bad", shop_orders="export: [\n")
    assert main(["check", "--conf", str(good), "--no-preview"]) == 0
    assert main(["check", "--conf", str(bad), "--no-preview"]) == 2
    assert "shop_orders.yaml:2: this is not valid YAML" in capsys.readouterr().err


def test_the_preview_masks_personal_values_and_counts_what_cannot_be_read(tmp_path, capsys):
    conf = layer(tmp_path / "conf", shop_orders=GOOD)
    day = tmp_path / "drop" / "2024-05-01"
    day.mkdir(parents=True)
    (day / "orders_1.csv").write_text(
        "no,customer,day,total\n1,maria,3/5/2024,12.50\n2,maria,soon,1\n", encoding="utf-8"
    )
    assert main(["check", "--conf", str(conf), "--drop", str(tmp_path / "drop")]) == 0
    shown = capsys.readouterr().out
    assert "shop:m***" in shown
    assert "maria" not in shown
    assert "1250" in shown
    assert "order_date missing 1" in " ".join(shown.split())
    assert main(["check", "--conf", str(conf), "--drop", str(tmp_path / "drop"), "--show-personal"]) == 0
    assert "maria" in capsys.readouterr().out


def test_findings_of_one_file_do_not_hide_those_of_another(tmp_path):
    made = layer(tmp_path, shop_orders=GOOD.replace("cents(total)", "cents(nope)"), broken="export: [\n")
    shutil.copy(made / "exports" / "shop_orders.yaml", made / "exports" / "other.yaml")
    found = errors(made)
    assert any("broken.yaml" in line for line in found)
    assert any("shop_orders.yaml:16" in line for line in found)


def test_findings_know_errors_from_warnings():
    found = Findings()
    found.warning("a", "odd")
    found.error("b", "wrong", "mend it")
    assert [item.line() for item in found.errors] == ["b: wrong. mend it."]
