"""Quarantined lines that are put through again after a fix: as if the fix had been there from the first night on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from jobs.silver.conforming import conform
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from lakehouse.ops import quarantine, reprocessing
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.run_log import Run
from tests.silver.conftest import FIRST, SECOND, THIRD, Company, target

TABLES = ("orders", "order_lines")
STRICT, WIDE = "try_to_timestamp({})", "coalesce(try_to_timestamp({0}), try_to_timestamp({0}, 'dd.MM.yyyy HH:mm'))"
ISO, LOCAL, NEVER = "2017-10-01 09:00:00", "01.10.2017 09:00", "noon"
Line = tuple[str, ...] | str


def shop(company: Company, instant: str) -> None:
    """Receipts over several lines; how their time is read is what will be mended."""
    orders = target(
        "silver.orders",
        _group_by=["receipt"],
        order_id="concat('pos:', receipt)",
        ordered_at=instant.format("min(at)"),
        total_cents="sum(cents(paid))",
    )
    lines = target("silver.order_lines", order_id="concat('pos:', receipt)", sales_cents="cents(paid)")
    company.export("shop", "pos", "receipt paid at", orders, lines)


def nights(company: Company, deliveries: dict[date, list[Line]]) -> None:
    for night, lines in deliveries.items():
        company.land("shop", night, "a.csv", *lines)
        for table in TABLES:
            company.run(table, night)


def ask(company: Company) -> None:
    reprocessing.ask(company.lake(SECOND).root, [f"silver.{table}" for table in TABLES])


def replay(company: Company) -> list[dict[str, Any]]:
    """What the command does with a lake that nothing new came to."""
    for table in TABLES:
        company.run(table, SECOND)
    lake = company.lake(SECOND)
    return reprocessing.close(lake.root, lake.contracts, Run("replay", SECOND))


class KilledError(RuntimeError):
    """The process ended here."""


@contextmanager
def killed_before(number: int) -> Iterator[None]:
    """No publish from the numbered one on is made."""
    publish, count = Lake.publish, [0]

    def counted(*arguments: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] > number:
            raise KilledError
        return publish(*arguments, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Lake, "publish", counted)
        yield


READ_AT = "_bronze_version"  # at which lines were read last: a replay reads them all at the newest


def state(company: Company) -> dict[str, list[Any]]:
    names = [f"{layer}.{table}" for layer in ("silver", "quarantine") for table in TABLES]
    return {name: company.fingerprint(name, READ_AT) if company.lake(THIRD).exists(name) else [] for name in names}


def balance(company: Company) -> None:
    """Lines in = in rows + quarantined + discarded, by what each table and its quarantine hold, against bronze."""
    in_bronze = company.read("bronze.shop").count()
    for table in TABLES:
        account = company.account(f"silver.{table}")
        went = account["lines_in_rows"] + account["quarantined"] + sum(account["discarded"].values())
        aside = quarantine.read(company.lake(THIRD).root, f"quarantine.{table}")
        assert (account["lines_in"], went) == (in_bronze, in_bronze)
        assert sum(aside["line_count"].to_pylist()) == account["quarantined"]
        assert company.read(f"silver.{table}").count() == account["rows_out"]


def both(folder: Path, spark: Any) -> tuple[Company, Company]:
    return Company(spark, folder / "mended"), Company(spark, folder / "right_from_the_start")


RECEIPT = st.tuples(
    st.sampled_from("123"), st.sampled_from(["1.50", "2.00", "x"]), st.sampled_from([ISO, LOCAL, NEVER])
)
DELIVERY = st.lists(st.one_of(RECEIPT, RECEIPT, RECEIPT, st.just("1;broken")), min_size=1, max_size=5)
OLD_THEN_NEW = [("1", "1.50", LOCAL), ("2", "1.50", LOCAL)], [("1", "9.00", ISO), ("3", "x", LOCAL)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@example(*OLD_THEN_NEW, 1)
@example(*reversed(OLD_THEN_NEW), 2)
@settings(max_examples=2)
@given(first=DELIVERY, second=DELIVERY, killed_at=st.integers(0, 4))
def test_whatever_is_cured_and_whoever_is_killed_the_tables_are_those_of_a_mapping_right_from_the_start(
    spark, tmp_path_factory, first, second, killed_at
):
    mended, right = both(tmp_path_factory.mktemp("replay"), spark)
    deliveries = {FIRST: first, SECOND: second}
    shop(mended, STRICT)
    nights(mended, deliveries)
    shop(mended, WIDE)
    shop(right, WIDE)
    nights(right, deliveries)

    ask(mended)
    try:
        with killed_before(killed_at):
            replay(mended)
    except KilledError:
        pass
    ask(mended)
    replay(mended)

    assert state(mended) == state(right)
    assert reprocessing.waiting(mended.lake(SECOND).root) == []
    balance(mended)


@pytest.fixture
def mended(company: Company) -> Company:
    """Of two nights' receipts one cannot be read before the mapping is mended, and one never can."""
    shop(company, STRICT)
    nights(
        company, {FIRST: [("1", "1.50", LOCAL), ("2", "x", ISO)], SECOND: [("1", "9.00", ISO), ("4", "3.00", LOCAL)]}
    )
    shop(company, WIDE)
    return company


def test_a_later_version_of_an_order_wins_over_one_that_is_cured(mended):
    ask(mended)
    replay(mended)
    assert mended.rows("silver.orders", "order_id", "total_cents", "_run_date") == [
        ("pos:1", 900, SECOND),
        ("pos:4", 300, SECOND),
    ]
    assert mended.rows("silver.order_lines", "order_id", "sales_cents") == [("pos:1", 900), ("pos:4", 300)]


def test_each_request_is_recorded_once_with_what_it_cured(mended):
    ask(mended)
    replay(mended)
    again = replay(mended)
    rows = ops_tables.read(mended.lake(SECOND).path("ops.replays"))
    orders = next(row for row in rows if row["table"] == "silver.orders")
    assert again == []
    assert len(rows) == 2
    assert (orders["lines_before"], orders["lines_cured"], orders["lines_after"]) == (3, 2, 1)
    assert dict(orders["cured_by_reason"]) == {"ordered_at_unreadable": 2, "order_date_unreadable": 2}
    assert (orders["rows_before"], orders["rows_after"]) == (1, 2)


def test_a_request_done_changes_nothing_more(mended):
    ask(mended)
    replay(mended)
    versions = {t: delta_log.latest_version(mended.lake(SECOND).path(f"silver.{t}")) for t in TABLES}
    replay(mended)
    assert {t: delta_log.latest_version(mended.lake(SECOND).path(f"silver.{t}")) for t in TABLES} == versions


def test_a_request_that_comes_while_its_job_works_waits_for_the_next_run(mended, monkeypatch):
    mended.land("shop", THIRD, "a.csv", ("5", "1.00", ISO))
    units = conform.Batch.units

    def asked_meanwhile(batch: conform.Batch) -> Any:
        ask(mended)
        return units(batch)

    with monkeypatch.context() as patched:
        patched.setattr(conform.Batch, "units", asked_meanwhile)
        mended.run("orders", THIRD)
    root = mended.lake(THIRD).root
    assert not reprocessing.is_done(root, "silver.orders", reprocessing.asked(root, "silver.orders"))
    replay(mended)
    assert mended.rows("silver.orders", "order_id") == [("pos:1",), ("pos:4",), ("pos:5",)]


def test_quarantine_keeps_line_reasons_rule_file_and_night(mended):
    found = mended.rows("quarantine.orders", "_source_line", "reasons", "rule_version", "_source_file", "_run_date")
    assert found[0][0] == 2
    assert {row[2] for row in found} == {"code-1"}
    assert {(row[3], row[4]) for row in found} == {(f"{FIRST}/a.csv", FIRST), (f"{SECOND}/a.csv", SECOND)}


def test_piles_have_lines_files_and_age_by_reason(mended):
    pile = quarantine.piles(mended.lake(SECOND).root, ["quarantine.orders"], SECOND)[0]
    assert (pile.reason, pile.lines, pile.tonight, pile.files, pile.oldest) == ("order_date_unreadable", 2, 1, 2, FIRST)
    assert pile.age_days(THIRD) == 2


def test_accounts_that_only_cured_events_name_become_customers(company):
    columns = {"interaction_type": "'call'", "interaction_id": "id"}
    key = {"key": "who"}
    for instant in (STRICT, WIDE):
        only = target("silver.interactions", _account=key, occurred_at=instant.format("at"), **columns)
        company.export("calls", "phone", "id who at", only)
        if instant == STRICT:
            company.land("calls", FIRST, "a.csv", ("1", "ann", LOCAL), ("2", "bob", ISO))
            company.run("interactions", FIRST)
            company.run("customers", FIRST)
            company.land("calls", SECOND, "a.csv", ("3", "cy", ISO))
            company.run("interactions", SECOND)
            company.run("customers", SECOND)
    reprocessing.ask(company.lake(SECOND).root, ["silver.interactions"])
    company.run("interactions", SECOND)
    company.run("customers", SECOND)
    assert company.rows("silver.customers", "account_id") == [("phone:ann",), ("phone:bob",), ("phone:cy",)]
    assert company.read("silver.interactions").select(F.count("*")).first()[0] == 3
