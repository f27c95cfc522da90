"""The notebooks about models, on a lake that has a trained one, and on one with a measured action."""

import json
from pathlib import Path

import nbclient
import nbformat
import pytest
from deltalake import write_deltalake

from lakehouse.lake.lake import Lake
from tests.models.test_retention_actions import assigned, company, customer, night, settings

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run_of(name: str, root: str, store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything that the notebook shows, as text."""
    monkeypatch.setenv("LAKEHOUSE_LAKE", root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOKS.parent))
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return json.dumps([cell.get("outputs", []) for cell in notebook.cells])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("champion_and_challenger", ["calibration error", "tenure_days"]), ("why_at_risk", ["probability", "has bought"])],
)
def test_a_notebook_about_churn_shows_the_model_and_no_customer(name, shown, year: Lake, monkeypatch):
    text = run_of(name, year.root, year.profile.mlflow_tracking_uri, monkeypatch)
    ids = [row.customer_id for row in year.read("models.churn_scores").select("customer_id").collect()]

    assert all(word in text for word in shown)
    assert not [one for one in ids if len(one) > 4 and f'"{one}"' in text]


def test_what_the_holdout_shows_reads_a_measured_action(tmp_path, monkeypatch):
    lake = company([customer("new")], **assigned(900, {True: 0.8, False: 0.4}))
    night(lake, settings(holdout_share=0.0001))
    for name, table in {**lake.published, "gold.retention_assignments": lake.tables["retention_assignments"]}.items():
        path = tmp_path / name.replace(".", "/")
        path.mkdir(parents=True)
        write_deltalake(str(path), table)

    text = run_of("what_the_holdout_shows", str(tmp_path), "", monkeypatch)

    assert "no difference between customers is shown" in text
    assert "alike" in text
