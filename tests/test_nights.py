"""Whole nights on a small company: a repeated night changes nothing, an old night can be rebuilt, a YAML is enough."""

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.lake.reader import rows
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs import replay, steps
from lakehouse.runs.graph import STEPS
from lakehouse.sample import write_sample
from tests.conftest import places

pytestmark = pytest.mark.slow
FIRST, SECOND = date(2017, 9, 30), date(2017, 10, 1)


@pytest.fixture(scope="module")
def company(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Conf:
    """Sixty households' first delivery and the next day's, both nights run."""
    folder = tmp_path_factory.mktemp("company")
    write_sample(folder / "drop", nights=2, households=60)
    conf = Conf([packaged("conf") / "sample"], overrides=places(folder))
    for _ in (FIRST, SECOND):
        result = steps.run(conf, list(STEPS))
        assert [(o.job.name, o.error) for o in result.outcomes if o.error] == []
    return conf


def versions(conf: Conf) -> dict[str, int]:
    return History(conf.profile.path(conf.profile.lake)).manifest(SECOND) or {}


def test_nights_follow_each_other_and_are_published(company):
    assert History(company.profile.lake).nights() == [FIRST, SECOND]


def test_every_account_has_a_customer_and_every_line_is_somewhere(company):
    lost = rows(
        company,
        """SELECT count(*) AS n FROM silver.customers AS c
                            LEFT JOIN identity.customer_map AS m ON c.account_id = m.account_id
                            WHERE m.customer_id IS NULL""",
    )
    assert lost == [{"n": 0}]
    assert rows(company, "SELECT count(*) AS n FROM silver.order_lines")[0]["n"] > 1000


def test_the_same_night_again_changes_no_table(company):
    before = versions(company)
    result = steps.run(company, list(STEPS), SECOND)

    changed = {t for t, v in versions(company).items() if before.get(t) != v and not t.startswith("ops.")}
    assert result.is_good
    assert changed == set()


def test_an_old_night_rebuilt_aside_gives_the_same_tables(company):
    result = replay.run(company, SECOND)
    assert [t.table for t in result.tables if not t.is_equal] == []
    assert [o.error for o in result.outcomes if o.error] == []


EXPORT = """
export: kiosk
channel: kiosk
files: "kiosk_*.csv"
format: csv
delimiter: ";"
columns: {bon nr: {}, kunde: {}, artikel: {}, tag: {}, betrag: {}}
account: {key: kunde}
targets:
  - table: silver.orders
    group_by: ["bon nr"]
    columns:
      order_id: "concat('kiosk:', `bon nr`)"
      ordered_at: "min(try_to_timestamp(tag, 'dd.MM.yyyy'))"
      total_cents: "sum(cents(replace(betrag, ',', '.')))"
  - table: silver.order_lines
    columns:
      order_id: "concat('kiosk:', `bon nr`)"
      ordered_at: "try_to_timestamp(tag, 'dd.MM.yyyy')"
      product_id: artikel
      sales_cents: "cents(replace(betrag, ',', '.'))"
"""


def test_a_new_export_takes_one_yaml_and_no_python(spark, tmp_path):
    layer, drop = tmp_path / "mine", tmp_path / "drop" / "2024-03-01"
    (layer / "exports").mkdir(parents=True)
    (layer / "exports" / "kiosk.yaml").write_text(EXPORT)
    drop.mkdir(parents=True)
    lines = [f"{n};k{n % 7};a{n % 3};{1 + n % 27:02}.02.2024;3,50" for n in range(60)]
    (drop / "kiosk_1.csv").write_text("bon nr;kunde;artikel;tag;betrag\n" + "\n".join([*lines, "x;y\n"]))
    conf = Conf([layer], overrides=places(tmp_path))

    result = steps.run(conf, list(STEPS))

    assert [(o.job.name, o.error) for o in result.outcomes if o.error] == []
    (found,) = rows(conf, "SELECT count(*) AS n, sum(total_cents) AS cents FROM silver.orders")
    assert (found["n"], int(found["cents"])) == (60, 60 * 350)
    assert rows(conf, "SELECT count(*) AS n FROM gold.customer_rfm") == [{"n": 7}]
    assert rows(conf, "SELECT reasons FROM quarantine.orders")[0]["reasons"] == ["line_unreadable"]


def test_a_lake_tells_its_tables_apart_from_those_it_never_made(company):
    lake = Lake(None, company, company.profile.lake, Run("r", SECOND), Contracts(company))  # type: ignore[arg-type]
    assert lake.exists("gold.customer_profile")
    assert not lake.exists("bronze.erp_promotions")
    assert Path(company.profile.lake, "gold", "customer_profile").is_dir()
