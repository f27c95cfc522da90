"""A value leads back through tables that were merged to the lines of files that it was made of."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.authoring.lineage import kept
from lakehouse.authoring.lineage.graph import Graph
from lakehouse.authoring.tracing import text
from lakehouse.authoring.tracing.explain import explain
from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.delta.log import latest_version, table_path
from lakehouse.errors import ConfigError
from tests import kiosk
from tests.conftest import places

FIRST, SECOND = date(2024, 3, 1), date(2024, 3, 2)
SALES = ["k1-1,k1,i1,2024-02-28,1,2.50", "k1-1,k1,i2,2024-02-28,2,5.00", "k2-1,k2,i1,2024-02-28,1,9.99"]
GRAPH = Graph(
    {
        "bronze.kiosk_sales.amount": (),
        "bronze.kiosk_accounts.mail": (),
        "silver.orders.total_original_cents": ("bronze.kiosk_sales.amount",),
        "silver.orders.total_cents": ("silver.orders.total_original_cents",),
        "silver.customers.email": ("bronze.kiosk_accounts.mail",),
        "identity.golden_customers.email": ("silver.customers.email",),
        "gold.customer_order_days.spend_cents": ("silver.orders.total_cents",),
        "gold.customer_rfm.customer_id": ("identity.customer_map.customer_id",),
        "gold.customer_rfm.spend": ("gold.customer_order_days.spend_cents",),
        "gold.sales_weeks.week_start": ("silver.orders.order_date",),
        "gold.sales_weeks.sales": ("silver.orders.total_cents",),
        "gold.customer_tags.tag": (),
        "gold.customer_profile.spend": ("gold.customer_rfm.spend",),
    },
    personal=frozenset({"silver.customers.email"}),
)


class Written:
    """A lake written without Spark."""

    def __init__(self, folder: Path) -> None:
        self.layer, drop = folder / "company", folder / "drop"
        self.conf = Conf([self.layer], overrides=places(folder) | {"drop": str(drop)})
        self.contracts, self.root = Contracts(self.conf), self.conf.profile.lake

    def put(self, table: str, rows: list[dict], night: date, mode: str = "replace", **inputs: int) -> None:
        contract = self.contracts[table]
        schema = rs_tables.arrow_schema(contract)
        data = pa.table({f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in schema}, schema=schema)
        named = {name.replace("__", "."): version for name, version in inputs.items()}
        metadata = {"run_id": f"run-{night}", "run_date": str(night), "job": table, "inputs": named}
        rs_tables.create(table_path(self.root, table), contract, {})
        rs_tables.commit(table_path(self.root, table), contract, data, mode, metadata)

    def version(self, table: str) -> int:
        return latest_version(table_path(self.root, table)) or 0


@pytest.fixture
def lake(tmp_path, monkeypatch, written) -> Written:
    """A copy of the lake, for the test alone."""
    monkeypatch.setattr(kept, "known", lambda conf: kept.Known((), GRAPH))
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return Written(tmp_path)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Customer c1 has an account and one receipt of two lines; a later night merges the receipt of another."""
    folder = tmp_path_factory.mktemp("written")
    kiosk.write(folder)
    lake = Written(folder)
    fields = ("receipt", "customer", "item", "day", "pieces", "amount")
    file = {"_file_id": "f1", "_source_file": "2024-03-01/kiosk_sales_1.csv", "_run_date": FIRST}
    lines = [
        dict(zip(fields, row.split(","), strict=True)) | file | {"_source_line": n + 2} for n, row in enumerate(SALES)
    ]
    lake.put("bronze.kiosk_sales", lines, FIRST)
    lake.put("silver.orders", [order("k1-1", "k1", 750, 2)], FIRST, "merge")
    lake.put("silver.orders", [order("k2-1", "k2", 999, 4, SECOND)], SECOND, "merge")
    mapped = [
        {"account_id": f"kiosk:k{n}", "channel": "kiosk", "customer_id": f"c{n}", "match_rule": "alone"}
        | {"is_lead": False, "arrived_on": FIRST, "_run_date": FIRST}
        for n in (1, 2)
    ]
    lake.put("identity.customer_map", mapped, FIRST)
    days = {"channel": "kiosk", "order_date": date(2024, 2, 28), "order_count": 1, "refund_count": 0, "line_count": 2}
    sums = {"refund_cents": 0, "incomplete_count": 0}
    for n, (cents, night) in enumerate([(750, FIRST), (999, SECOND)], start=1):
        row = {"account_id": f"kiosk:k{n}", "spend_cents": cents} | days | sums
        lake.put("gold.customer_order_days", [row], night, "merge", silver__orders=n)
    scores = {"recency_days": 2, "order_count": 1, "r_score": 1, "f_score": 1, "m_score": 1, "rfm_segment": "new"}
    rfm = [{"customer_id": "c1", "spend": 7.5} | scores, {"customer_id": "c2", "spend": 9.99} | scores]
    for night in (FIRST, SECOND):
        inputs = {"gold__customer_order_days": lake.version("gold.customer_order_days"), "identity__customer_map": 1}
        rows = [{**row, "spend": pa.scalar(row["spend"]).cast(pa.decimal128(18, 2)).as_py()} for row in rfm]
        lake.put("gold.customer_rfm", rows, night, **inputs)
    return folder


def order(number: str, customer: str, cents: int, line: int, night: date = FIRST) -> dict:
    return {
        "order_id": f"kiosk:{number}",
        "account_id": f"kiosk:{customer}",
        "channel": "kiosk",
        "ordered_at": datetime(2024, 2, 28, tzinfo=UTC),
        "order_date": date(2024, 2, 28),
        "order_type": "sale",
        "currency": "USD",
        "total_original_cents": cents,
        "total_cents": cents,
        "is_guest": False,
        "quality_flags": [],
        "_export": "kiosk_sales",
        "_source_file": "2024-03-01/kiosk_sales_1.csv",
        "_source_line": line,
        "_run_date": night,
    }


def shown(lake: Written, name: str, *keys: str, **style) -> str:
    return "\n".join(text.lines(explain(lake.conf, name, keys), text.Style(**style)))


def test_a_figure_leads_through_merged_tables_to_all_lines_of_its_receipt_and_no_other(lake):
    told = explain(lake.conf, "gold.customer_rfm.spend", ["c1"])

    days = told.first.steps[0]
    orders = days.steps[0]
    (lines,) = orders.lines
    assert (days.table, days.row_count, days.through) == ("gold.customer_order_days", 1, ("identity.customer_map",))
    assert orders.rows["order_id"].to_pylist() == ["kiosk:k1-1"]
    assert lines.by_file == {"2024-03-01/kiosk_sales_1.csv": [2, 3]}
    assert [(one.column, one.of) for one in lines.mapped] == [("total_cents", ("amount",))]


def test_a_value_says_since_which_night_it_is_what_it_is(lake):
    told = explain(lake.conf, "gold.customer_rfm.spend", ["c1"])

    assert (told.first.publish.run_date, told.held_since.run_date, told.is_older) == (str(SECOND), str(FIRST), False)


def test_a_merge_of_other_rows_does_not_make_a_value_younger(lake):
    told = explain(lake.conf, "silver.orders.total_cents", ["kiosk:k1-1"])

    assert told.first.publish.run_date == str(SECOND)
    assert told.held_since.run_date == str(FIRST)


def test_the_text_names_the_expression_with_its_place_and_the_files_lines(lake):
    said = shown(lake, "gold.customer_rfm.spend", "customer_id=c1")

    assert "gold.customer_rfm.spend = 7.50" in said
    assert "sum(cents(amount))" in said
    assert "kiosk_sales.yaml:" in said
    assert "2024-03-01/kiosk_sales_1.csv, lines 2, 3" in said
    assert "through identity.customer_map" in said


def test_personal_values_are_shown_on_request_alone(lake):
    person = {"account_id": "kiosk:k1", "channel": "kiosk", "email": "anna@example.com", "is_lead": False}
    place = {"_export": "kiosk_accounts", "_source_file": "a.csv", "_source_line": 2, "_run_date": FIRST}
    lake.put("silver.customers", [person | {"is_event_only": False, "quality_flags": []} | place], FIRST)
    line = {"id": "k1", "mail": "anna@example.com", "_file_id": "f2", **place}
    lake.put("bronze.kiosk_accounts", [line], FIRST)

    assert "anna@" not in shown(lake, "silver.customers.email", "kiosk:k1")
    assert "(personal)" in shown(lake, "silver.customers.email", "kiosk:k1")
    assert "mail anna@example.com" in shown(lake, "silver.customers.email", "kiosk:k1", show_values=True)


def test_a_day_that_is_made_into_a_week_does_not_pass_for_the_week(lake):
    week = {"level": "all", "height": 0, "item": "all", "week_start": date(2024, 2, 28), "sales": 17}
    lake.put("gold.sales_weeks", [week], SECOND, silver__orders=2)

    (orders,) = explain(lake.conf, "gold.sales_weeks.sales", ["all", "all"]).first.steps

    assert orders.rows is None, "rows of one day would be shown for the whole week"
    assert "all 2 rows of version 2" in shown(lake, "gold.sales_weeks.sales", "all", "all")


def test_rows_of_another_are_not_shown_where_the_source_has_none_of_this_customer(lake):
    lake.put("gold.customer_profile", [{"customer_id": "c9", "channels": [], "account_count": 1, "is_lead": False,
        "order_count": 0, "refund_count": 0, "spend": 0, "granted_purposes": [], "refused_purposes": [],
        "campaign_contact_count": 0, "coupon_redemption_count": 0}], SECOND, gold__customer_rfm=2)  # fmt: skip

    assert "gold.customer_rfm (spend): no row belongs to it" in shown(lake, "gold.customer_profile.spend", "c9")


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("gold.customer_rfn.spend", ["c1"], "did you mean 'gold.customer_rfm'?"),
        ("gold.customer_rfm.spent", ["c1"], "did you mean 'spend'?"),
        ("gold.customer_rfm.spend", [], "customer_id"),
        ("gold.customer_rfm.spend", ["c7"], "no row of this key"),
        ("gold.customer_rfm.spend", ["c1", "c2"], "more values than the key has columns"),
        ("gold.customer_rfm.spend", ["c1'; DROP TABLE x"], "no row of this key"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_what_was_meant(lake, name, keys, said):
    with pytest.raises(ConfigError) as refused:
        explain(lake.conf, name, keys)
    assert said in refused.value.paragraph()


def test_the_value_of_an_earlier_night_is_explained_by_what_that_night_read(lake):
    versions = {"gold.customer_order_days": 1, "gold.customer_rfm": 1, "silver.orders": 1, "identity.customer_map": 1}
    path = table_path(lake.root, "ops.runs")
    rs_tables.create(path, lake.contracts["ops.runs"], {})
    from lakehouse.ops import tables

    now = datetime(2024, 3, 1, tzinfo=UTC)
    night = {"run_id": "r", "run_date": FIRST, "step": "night", "job": "night", "outcome": "published"}
    row = night | {"outputs": versions, "started_at": now, "ended_at": now}
    tables.append(path, lake.contracts["ops.runs"], [row], "r")

    assert explain(lake.conf, "gold.customer_rfm.spend", ["c1"], as_of=FIRST).first.version == 1


def test_the_command_prints_it_and_refuses_what_it_cannot_take(lake, capsys):
    words = ["--conf", str(lake.layer), "--lake", lake.root]

    assert main(["explain", "gold.customer_rfm.spend", "--key", "c1", *words]) == 0
    assert "= 7.50" in capsys.readouterr().out
    assert main(["explain", "c1", "--key", "c1", *words]) == 2
    assert main(["explain", "gold.customer_rfm.spend", "--key", "c1", "--html", "x.html", *words]) == 2


def test_a_commit_that_says_nothing_of_itself_is_no_fault(lake):
    log = Path(table_path(lake.root, "gold.customer_rfm"), "_delta_log", f"{2:020d}.json")
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    for action in actions:
        action.get("commitInfo", {}).pop("userMetadata", None)
    log.write_text("\n".join(map(json.dumps, actions)) + "\n")

    assert "= 7.50" in shown(lake, "gold.customer_rfm.spend", "c1")
