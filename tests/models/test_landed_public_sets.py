"""Public sets as a company would land them: scored each night by the jobs, the outcomes of what was open kept aside."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks import models as sets
from jobs.models import lead_scores, maintenance_reminders, risk_scores
from lakehouse.config.layers import Conf
from lakehouse.modelling import metrics
from tests.conftest import places
from tests.gold.memory_lake import MemoryLake
from tests.models.test_landed_models import NIGHT, SETTINGS, lines

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sets.DATA.exists(), reason="the public sets are not beside this project"),
]
OPEN = 4000
CREDITS = "default_credit_card_clients.csv.gz"


def night(folder: Path, job: Any, name: str, examples: dict[str, Any], rows: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """What a job scores of a set by the YAML of the benchmarks, landed as bronze.rows."""
    model = yaml.safe_load((sets.HERE / "model_conf" / "models" / f"{name}.yaml").read_text())
    kept = {key: model["examples"][key] for key in ("derived", "windows") if key in model["examples"]}
    model["examples"] = {**kept, "table": "bronze.rows", **examples}
    (folder / "mine" / "models").mkdir(parents=True)
    (folder / "mine" / "models" / f"{name}.yaml").write_text(yaml.safe_dump(model))
    lake = MemoryLake(Conf([folder / "mine"], overrides=places(folder)), rows=lines(rows))
    job.run(lake, NIGHT, SETTINGS)
    return lake.published[job.WRITES].to_pandas(), lake


@pytest.mark.parametrize(
    ("job", "name", "path", "label", "positive", "asked"),
    [
        (lead_scores, "bank_marketing", "bank_marketing/bank-additional-full.csv.gz", "y", "yes", 0.78),
        (risk_scores, "credit_default_taiwan", f"credit_default_taiwan/{CREDITS}", "class", "1", 0.76),
    ],
)  # fmt: skip
def test_open_rows_are_ranked_as_their_outcomes_say(job, name, path, label, positive, asked, tmp_path):
    with sets.table.reading(sets.DATA / path) as engine:
        whole = engine.read_csv(str(sets.DATA / path), sample_size=-1).to_arrow_table().to_pandas()
    whole = whole.assign(row_id=range(len(whole)))
    is_open = np.random.default_rng(1).permutation(len(whole)) < OPEN
    truth = (whole[label].astype(str).str.lower().isin([positive, "true"])).astype(float)
    landed = whole.assign(**{label: whole[label].astype(object).where(~is_open, None)})
    found, lake = night(tmp_path, job, name, {"subject": ["row_id"]}, landed)

    assert len(found) == OPEN, lake.notes
    said = found.set_index(found["subject"].astype(int))["probability"]
    auc = metrics.auc(truth[said.index].to_numpy(), said.to_numpy())
    print(f"{name}: AUC {auc:.3f} of {OPEN} open rows")
    assert auc >= asked
    assert found["reason_code_1"].notna().mean() > 0.5


def test_engines_that_will_fail_within_thirty_cycles_are_reminded(tmp_path):
    folder, model = sets.DATA / "cmapss_fd001", sets.model_of("cmapss_fd001")
    parts = [
        pd.read_csv(folder / f"{part}_FD001.txt.gz", sep=r"\s+", header=None, names=list(model.examples.columns))
        for part in ("train", "test")
    ]
    left = pd.read_csv(folder / "RUL_FD001.txt", header=None)[0].to_numpy()
    parts = [parts[0].assign(state="ended"), parts[1].assign(state="running", unit=parts[1]["unit"] + 1000)]
    derived = {"cycles_left": "CASE WHEN state = 'ended' THEN max(cycle) OVER (PARTITION BY unit) - cycle END"}
    told = {"subject": ["unit"], "derived": derived}
    found, lake = night(tmp_path, maintenance_reminders, "cmapss_fd001", told, pd.concat(parts, ignore_index=True))

    due = {unit + 1001 for unit in np.flatnonzero(left <= 30)}
    reminded = set(found["subject"].astype(int))
    precision, recall = len(due & reminded) / max(len(reminded), 1), len(due & reminded) / len(due)
    print(f"cmapss_fd001: precision {precision:.2f}, recall {recall:.2f} of {len(due)} engines due")
    assert precision >= 0.8, lake.notes
    assert recall >= 0.8
