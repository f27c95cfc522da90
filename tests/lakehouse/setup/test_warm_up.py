"""The nights that set-up runs for Spark's classes leave nothing behind."""

from pathlib import Path

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.runs import graph
from lakehouse.setup import warm_up


def test_they_write_nowhere_but_in_their_folder(tmp_path: Path) -> None:
    profile = Conf([packaged("conf") / "sample"], overrides=warm_up.places(tmp_path)).profile

    for place in (profile.lake, profile.drop, profile.reports, profile.account_secret, profile.mlflow_tracking_uri):
        assert str(tmp_path) in place
    assert not profile.event_logs


def test_they_register_no_model() -> None:
    jobs = graph.select(warm_up.STEPS)

    assert not [job.name for job in jobs if "registered" in job.name or job.name == "models.churn_scores"]
