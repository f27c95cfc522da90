"""Models of what a company lands: gold.lead_scores, risk_scores, opportunity_scores and maintenance_reminders."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml

from jobs.models import landed_models, lead_scores, maintenance_reminders, model_health, opportunity_scores, risk_scores
from jobs.models.settings.churn import Settings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.modelling import landed, spec
from lakehouse.ops.run_log import Run
from tests.conftest import places
from tests.gold.memory_lake import MemoryLake
from tests.gold.small_rows import rows

NIGHT = date(2026, 3, 10)
QUICK = {"depths": [2], "is_wide": False, "max_trees": 25, "patience": 5, "bootstrap_rounds": 20, "learning_rate": 0.2}
GATES = {"min_examples": 100, "min_of_each_kind": 10, "slice_min_examples": 40, "max_ece": 0.2}
SETTINGS = Conf().settings("churn", Settings)


def lines(frame: pd.DataFrame, night: date = NIGHT) -> pa.Table:
    """As an export brings them: all text, with file, line and night."""
    text = frame.astype(object).where(frame.notna(), None).map(lambda value: None if value is None else str(value))
    own = {
        "_source_file": "leads.csv",
        "_source_line": range(1, len(frame) + 1),
        "_malformed": None,
        "_run_date": night,
    }
    return pa.Table.from_pandas(text.assign(**own), preserve_index=False)


def company(folder: Path, model: dict[str, Any] | None = None, **tables: pa.Table) -> MemoryLake:
    layer = folder / "mine"
    (layer / "models").mkdir(parents=True)
    if model is not None:
        whole = {"about": "a trial", "search": QUICK, "gates": GATES, **model}
        (layer / "models" / f"{model['model']}.yaml").write_text(yaml.safe_dump(whole))
    return MemoryLake(Conf([layer], overrides=places(folder)), **tables)


def deals(count: int = 700, open_ones: int = 60, seed: int = 1) -> pd.DataFrame:
    """Deals by stage, contacts, age and amount; the newest are open."""
    random = np.random.default_rng(seed)
    contacts, age = random.poisson(4, count), random.integers(1, 200, count)
    stage = random.choice(["offer", "talk", "first"], count)
    margin = 0.5 * contacts - 0.02 * age + (stage == "offer") - 1
    won = np.where(random.random(count) < 1 / (1 + np.exp(-margin)), "won", "lost")
    known = np.arange(count) < count - open_ones
    made = {"deal_id": [f"d{n}" for n in range(count)], "contacts": contacts, "age_days": age, "stage": stage}
    return pd.DataFrame({**made, "amount": random.integers(100, 9999, count), "outcome": np.where(known, won, None)})


EXPORT = {"export": "deals", "channel": "crm", "files": "deals*.csv", "format": "csv", "targets": []}
DEALS = {
    "model": "our_deals",
    "purpose": "opportunities",
    "examples": {"table": "bronze.deals", "subject": ["deal_id"]},
    "label": {"column": "outcome", "positive": "won"},
    "serving": {"amount": "amount", "capacity_per_night": 20, "account_channel": "crm"},
    "reasons": {"contact": {"words": "was spoken to {contacts:.0f} times", "features": ["contacts", "age_days"]}},
}


def test_open_deals_are_scored_by_a_model_that_the_night_trains_of_the_closed_ones(tmp_path):
    known = [{"account_id": "crm:d650", "channel": "crm", "customer_id": "c1"}]
    lake = company(tmp_path, DEALS, deals=lines(deals()), customer_map=rows("identity.customer_map", known))
    for _ in range(2):  # the second time the champion of the first scores
        opportunity_scores.run(lake, NIGHT, SETTINGS)
    found = lake.published[opportunity_scores.WRITES].to_pandas().set_index("subject")

    assert len(found) == 60
    assert set(found["model_version"]) == {"1"}
    assert found["rank"].min() == 1
    assert found["is_within_capacity"].sum() == 20
    assert found["is_within_capacity"][found["rank"] <= 19].all()
    assert found["customer_id"].dropna().to_dict() == {"d650": "c1"}
    assert float(found["expected_amount"]["d650"]) == pytest.approx(
        found["probability"]["d650"] * float(found["amount"]["d650"]), abs=0.01
    )
    best = found.sort_values("rank").head(10)
    assert best["reason_1"].str.contains("was spoken to").any()
    assert set(best["reason_code_1"]) <= {"contact", "age_days", "stage", "amount"}

    lake.tables["opportunity_scores"] = lake.published[opportunity_scores.WRITES]
    model_health.run(lake, NIGHT, SETTINGS)
    watched = lake.published[model_health.WRITES].to_pylist()
    assert {row["model"] for row in watched} == {"our_deals"}
    assert {row["name"] for row in watched if row["measure"] == "feature_psi"} == {
        "contacts",
        "age_days",
        "stage",
        "amount",
    }

    landed_models.run(lake, NIGHT, SETTINGS)
    assert not [note for note in lake.notes if "was not trained" in note]


@pytest.mark.parametrize("job", [lead_scores, risk_scores, opportunity_scores, maintenance_reminders])
def test_a_company_without_such_a_model_has_an_empty_table_and_a_sentence(job, tmp_path):
    lake = company(tmp_path)
    job.run(lake, NIGHT, SETTINGS)

    assert lake.published[job.WRITES].num_rows == 0
    assert f"no model of conf/models has purpose {job.PURPOSE}" in lake.notes[0]


@pytest.mark.parametrize(
    ("changes", "rows_of", "said"),
    [
        ({"examples": {"table": "bronze.nothing"}}, deals(), "nothing has landed in bronze.nothing"),
        ({"examples": {"table": "silver.orders"}}, deals(), "is not the table of an export"),
        ({}, deals(60, 10), "examples labelled, 100 are needed"),
        ({"label": {"column": "result"}}, deals(), "no column 'result' to learn from"),
        ({}, deals().assign(after=lambda d: (d["outcome"] == "won") * 1), "after"),
        ({"examples": {"table": "bronze.deals", "subject": ["nobody"]}}, deals(), "no column nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_leaves_the_table_empty_and_says_why(changes, rows_of, said, tmp_path):
    lake = company(tmp_path, {**DEALS, **changes}, deals=lines(rows_of))
    opportunity_scores.run(lake, NIGHT, SETTINGS)

    assert lake.published[opportunity_scores.WRITES].num_rows == 0
    assert any(said in note for note in lake.notes), lake.notes


def test_machines_are_reminded_in_the_order_of_need_within_the_capacity(tmp_path):
    random, cycles = np.random.default_rng(2), []
    for unit in range(60):
        life, has_failed = int(random.integers(60, 120)), unit < 40
        seen = life if has_failed else int(random.integers(20, life))
        wear = np.arange(seen) / life * 10 + random.normal(0, 0.3, seen)
        cycles.append(pd.DataFrame({"unit": unit, "cycle": range(seen), "wear": wear, "has_failed": has_failed}))
    model = {
        "model": "machines",
        "purpose": "maintenance",
        "examples": {
            "table": "bronze.readings",
            "subject": ["unit"],
            "derived": {
                "cycles_left": "CASE WHEN has_failed THEN max(cycle) OVER (PARTITION BY unit) - cycle END"
            },
            "windows": {"order": "cycle", "columns": ["wear"], "means_of": [1, 5], "own_first": 3},
        },
        "label": {"column": "cycles_left", "kind": "number", "most": 90, "due": 15},
        "serving": {"capacity_per_night": 2},
    }  # fmt: skip
    lake = company(tmp_path, model, readings=lines(pd.concat(cycles)))
    maintenance_reminders.run(lake, NIGHT, SETTINGS)
    found = lake.published[maintenance_reminders.WRITES].to_pandas().sort_values("rank")

    assert 1 <= len(found) < 20, lake.notes
    assert found["predicted"].is_monotonic_increasing
    assert found["planned_on"].is_monotonic_increasing
    assert found.groupby("planned_on").size().max() <= 2
    assert found["planned_on"].iloc[0] == NIGHT + timedelta(days=1)
    assert set(found["subject"].astype(int)) <= set(range(40, 60))


def test_a_later_line_of_the_same_subject_takes_the_place_of_the_earlier_one(tmp_path):
    model = spec.Model(**{**DEALS, "about": "a"}).replace(
        examples=spec.Examples(table="bronze.x", subject=("deal_id",))
    )
    first = lines(deals(5, 5), NIGHT - timedelta(days=1))
    second = lines(deals(5, 0).assign(contacts=99).head(3))
    made = landed.examples_of(model, pa.concat_tables([second, first], promote_options="permissive"), is_labelled=False)

    assert made.frame.sort_values("deal_id")["contacts"].tolist() == [99, 99, 99, *deals(5)["contacts"][3:]]
    assert landed.to_score(model, made.frame)["deal_id"].tolist() == ["d3", "d4"]
    assert made.frame["amount"].dtype.kind in "if"


def test_lines_of_a_lake_on_disk_are_scored_alike(spark, tmp_path):
    layer = tmp_path / "mine"
    for name, content in (("models/our_deals", {"about": "a trial", "search": QUICK, "gates": GATES, **DEALS}),
                          ("exports/deals", {**EXPORT, "columns": {name: {} for name in deals(1, 0)}})):  # fmt: skip
        (layer / name).parent.mkdir(parents=True, exist_ok=True)
        (layer / f"{name}.yaml").write_text(yaml.safe_dump(content))
    conf = Conf([layer], overrides=places(tmp_path))
    lake = Lake(spark, conf, conf.profile.lake, Run("landed", NIGHT), Contracts(conf))
    text = lines(deals()).to_pandas().assign(_file_id="f1", _malformed=None)
    names = [*deals(1, 0), "_file_id", "_source_file", "_source_line", "_malformed", "_run_date"]
    types = dict.fromkeys(names, "STRING") | {"_source_line": "BIGINT", "_run_date": "DATE"}
    schema = ", ".join(f"{name} {types[name]}" for name in names)
    records = text[names].astype(object).where(text[names].notna(), None).to_dict("records")
    lake.for_job("bronze.*", "hash").append_bronze("deals", spark.createDataFrame(records, schema), "k")
    for job in (lake.for_job(opportunity_scores.WRITES, "hash") for _ in range(2)):
        opportunity_scores.run(job, NIGHT, SETTINGS)
        assert job.notes == []
    found = lake.for_job("look", "hash").read(opportunity_scores.WRITES).toPandas()

    assert len(found) == 60
    assert "bronze.deals" in found["data_versions"].iloc[0]
