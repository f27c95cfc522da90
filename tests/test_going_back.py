"""A small company's lake that went back to a night and ran on, and one whose nights were asked for in any order.

Both have the tables of a lake where nothing ever failed.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs import backfill, going_back, steps
from lakehouse.runs.graph import STEPS
from lakehouse.runs.replay import printed
from tests import kiosk
from tests.cluster import LAYERS, OF_THE_ENGINE
from tests.conftest import places

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
DAYS = [kiosk.DAY + timedelta(days=n) for n in range(3)]
NAMED_BY_MLFLOW = {"identity.champion_models", "identity.registered_models"}  # a model trained again has a new number


def delivered(folder: Path) -> Conf:
    """The company's first delivery and those of the two days after it, one of them with a file that comes late."""
    layer, drop = kiosk.write(folder)
    for number, day in enumerate(DAYS[1:], start=1):
        (drop / str(day)).mkdir()
        sales = [f"n{number}-{n},k{n},i{n % 5},{day},1,{3 + n:.2f}" for n in range(number, 20, 3)]
        text = "\n".join(["receipt,customer,item,day,pieces,amount", *sales, "unreadable"])
        (drop / str(day) / f"kiosk_sales_{number}.csv").write_text(f"{text}\n")
    return Conf([layer], overrides=places(folder) | {"drop": str(drop)})


def late_file(conf: Conf) -> None:
    """A file of the first day that arrives when the last night is about to run."""
    text = "receipt,customer,item,day,pieces,amount\nlate-1,k1,i1,2024-02-28,1,4.00\n"
    Path(conf.profile.drop, str(DAYS[0]), "kiosk_sales_late.csv").write_text(text)


def nights(conf: Conf, days: list[date]) -> None:
    for day in days:
        result = steps.run(conf, list(STEPS), day)
        assert [(o.job.name, o.error) for o in result.outcomes if o.error] == []


def fingerprints(spark: SparkSession, conf: Conf) -> dict[str, str]:
    """Rows and fingerprint of every table as the last night published it."""
    history = History(conf.profile.lake)
    versions = history.manifest(DAYS[-1]) or {}
    lake = Lake(spark, conf, conf.profile.lake, Run("compare", DAYS[-1]), Contracts(conf)).for_job("compare", "")
    named = [t for t in versions if t.startswith(LAYERS) and t not in NAMED_BY_MLFLOW]
    return {t: printed(lake.read(t, versions[t]).drop(*OF_THE_ENGINE)) for t in named}


def test_a_lake_that_went_back_and_ran_on_is_as_if_nothing_had_failed(spark, tmp_path):
    conf = delivered(tmp_path)
    nights(conf, DAYS[:2])
    late_file(conf)
    nights(conf, DAYS[2:])
    before, manifest = fingerprints(spark, conf), History(conf.profile.lake).manifest(DAYS[0])
    shutil.rmtree(Path(conf.profile.drop, str(DAYS[2])))  # the sender keeps deliveries for a day

    going_back.to_night(conf, DAYS[0])

    assert History(conf.profile.lake).nights() == DAYS[:1]
    assert History(conf.profile.lake).manifest(DAYS[0]) == manifest
    assert backfill.run(conf, backfill.planned(conf, DAYS[1], DAYS[2]), None, lambda _: None)
    assert fingerprints(spark, conf) == before


def test_nights_asked_for_in_the_wrong_order_give_the_tables_of_the_right_one(spark, tmp_path):
    right, wrong = delivered(tmp_path / "right"), delivered(tmp_path / "wrong")
    shutil.copyfile(*(conf.profile.path(conf.profile.account_secret.partition(":")[2]) for conf in key(right, wrong)))
    nights(right, DAYS)
    for day in (DAYS[0], DAYS[2], DAYS[1]):
        assert backfill.run(wrong, backfill.planned(wrong, day, day), None, lambda _: None)

    assert fingerprints(spark, wrong) == fingerprints(spark, right)


def key(right: Conf, wrong: Conf) -> tuple[Conf, Conf]:
    """Both lakes hash by one key."""
    right.secret(right.profile.account_secret)
    return right, wrong
