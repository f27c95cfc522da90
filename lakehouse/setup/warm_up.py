"""Two nights of a tiny company, run for the classes that they load; set-up archives those (AppCDS).

Arguments: a folder to work in, removed at the end.
"""

import shutil
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.runs import steps
from lakehouse.sample import write_sample

# what loads Spark's classes; the rest is Python's work: MLflow, the report, small sums
STEPS = (
    "load",
    "identity.customer_map",
    "identity.golden_customers",
    "gold",
    "models.churn_examples",
)
HOUSEHOLDS = 40


def main(folder: Path) -> None:
    """Run the nights one after the other, as `lakehouse night` does.

    Raises:
        SystemExit: a job failed, which it should not on any machine.
    """
    try:
        write_sample(folder / "drop", nights=2, households=HOUSEHOLDS)
        conf = Conf([packaged("conf") / "sample"], overrides=places(folder))
        for day in steps.delivered_days(str(folder / "drop")):
            _run(conf, day)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def places(folder: Path) -> dict[str, str]:
    """Keys of the profile that keep these nights out of the company's own lake, MLflow, reports and ids."""
    own = {name: str(folder / name) for name in ("lake", "drop", "reports")}
    return {
        **own,
        "copies": "",
        "account_secret": f"file:{folder}/account.key",
        "mlflow_tracking_uri": f"sqlite:///{folder}/mlflow.db",
        "event_logs": "",
    }


def _run(conf: Conf, day: date) -> None:
    result = steps.run(conf, STEPS, day)
    failed = [outcome.error or outcome.reason for outcome in result.outcomes if outcome.outcome == "failed"]
    if failed:
        raise SystemExit("; ".join(failed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
