"""A volume far from the usual holds identity and gold until it is corrected or accepted."""

from datetime import date, timedelta

import pytest

from jobs.bronze import volumes
from jobs.bronze.settings.volumes import Settings
from lakehouse.cli import accept_volume
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError, GateError
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.run_log import Run
from lakehouse.runs import graph

FIRST, NIGHTS = date(2024, 3, 1), 6
TONIGHT = FIRST + timedelta(days=NIGHTS)
USUAL = 50_000


@pytest.fixture
def settings() -> Settings:
    return Conf().settings("volumes", Settings)


def event(seq: int, night: date, size: int, delivered: date | None = None, **changed) -> dict:
    """A received file of the export `sales`."""
    made = {"seq": seq, "run_id": "r", "run_date": night, "path": f"{delivered or night}/sales_{seq}.csv"}
    made |= {"export": "sales", "state": "received", "delivery_date": delivered or night, "landed_bytes": size}
    return made | {"bytes": size, "modified_ns": 1, "rules": "x", "reason": None} | changed


def usual_nights() -> list[dict]:
    return [event(n, FIRST + timedelta(days=n), USUAL + 100 * n) for n in range(NIGHTS)]


def lake_of(conf, night: date) -> Lake:
    return Lake(None, conf, conf.profile.lake, Run(f"run-{night}", night), Contracts(conf)).for_job("ops.volumes", "h")


def verdict(settings, *tonight: dict) -> bool:
    """Whether tonight's files are taken for usual."""
    nights = volumes.bytes_by_night([*usual_nights(), *tonight])
    (found,) = [volumes.judged(export, nights[export], TONIGHT, settings) for export in nights]
    return found is None or found.is_usual


@pytest.mark.parametrize(("times", "is_usual"), [(0.01, False), (0.0, False), (20, False), (0.3, True), (3, True)])
def test_a_hundredth_and_twenty_times_the_usual_are_held_and_a_good_day_is_not(settings, times, is_usual):
    assert verdict(settings, event(50, TONIGHT, int(USUAL * times))) is is_usual


@pytest.mark.parametrize("days", [1, 7, 40])
def test_files_that_come_days_late_together_are_no_unusual_volume(settings, days):
    late = [event(50 + n, TONIGHT, USUAL, TONIGHT - timedelta(days=n)) for n in range(days)]
    assert verdict(settings, *late)


def test_the_corrected_file_under_the_same_name_counts_in_place_of_the_wrong_one(settings):
    wrong = event(50, TONIGHT, USUAL * 20)
    assert verdict(settings, wrong, {**event(51, TONIGHT, USUAL), "path": wrong["path"]})


def test_an_export_that_differs_widely_by_nature_is_held_only_beyond_all_it_ever_was(settings):
    sizes = [3_000, 400_000, 5_000, 2_500, 900_000, 4_000]
    nights = {FIRST + timedelta(days=n): size for n, size in enumerate(sizes)}
    seen = [volumes.judged("mails", nights | {TONIGHT: s}, TONIGHT, settings) for s in (800_000, 2_000, 5_000_000)]
    assert [volume.is_usual for volume in seen if volume] == [True, True, False]


def test_without_enough_nights_and_for_tiny_files_nothing_is_unusual(settings):
    few = {FIRST + timedelta(days=n): USUAL for n in range(4)}
    tiny = {FIRST + timedelta(days=n): 90 for n in range(NIGHTS)}
    assert volumes.judged("sales", few | {TONIGHT: USUAL * 50}, TONIGHT, settings).is_usual
    assert volumes.judged("sales", tiny | {TONIGHT: 1_900}, TONIGHT, settings).is_usual


def test_a_held_night_goes_on_when_a_person_accepts_the_volume_and_says_why(conf, settings, capsys):
    lake = lake_of(conf, TONIGHT)
    events = [*usual_nights(), event(50, TONIGHT, USUAL * 20)]
    ops_tables.append(lake.path("ops.files"), lake.contracts["ops.files"], events, "r")

    with pytest.raises(GateError, match="far from the usual volume: sales"):
        volumes.run(lake, TONIGHT, settings)
    with pytest.raises(GateError):
        volumes.run(lake_of(conf, TONIGHT), TONIGHT, settings)  # a plain repetition changes nothing of it
    with pytest.raises(ConfigError, match="a reason and a name"):
        accept_volume.volumes.accept(lake.root, lake.contracts["ops.volumes"], ["sales"], "", "s1")
    with pytest.raises(ConfigError, match="of sails is not held"):
        accept_volume.volumes.accept(lake.root, lake.contracts["ops.volumes"], ["sails"], "a sale", "s1")
    accept_volume.volumes.accept(lake.root, lake.contracts["ops.volumes"], ["sales"], "opening day", "s1")
    again = lake_of(conf, TONIGHT)
    volumes.run(again, TONIGHT, settings)
    again.flush()

    said = [row for row in ops_tables.read(lake.path("ops.volumes")) if row["accepted_by"]]
    assert [(row["export"], row["reason"], row["accepted_by"]) for row in said] == [("sales", "opening day", "s1")]
    more = event(51, TONIGHT, USUAL * 40)
    ops_tables.append(lake.path("ops.files"), lake.contracts["ops.files"], [more], "r")
    with pytest.raises(GateError):
        volumes.run(lake_of(conf, TONIGHT), TONIGHT, settings)  # more came after it was accepted


def test_every_job_from_identity_on_waits_for_the_volumes():
    (held,) = [job for job in graph.jobs() if job.name == "ops.volumes"]
    waiting = {job.room for job in graph.jobs() if graph.depends(job, held)}
    assert {"identity", "gold", "activation", "models"} <= waiting
    assert "silver" not in waiting
