"""Two nights of a tiny company, run for the classes that they load; set-up archives those (AppCDS).

Arguments: a folder to work in, removed at the end.
"""

import shutil
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from jobs import steps
from jobs.config import Conf, packaged
from jobs.sample import write_sample

STEPS = ("load", "identity", "gold", "models.churn_examples")  # the rest is Python's work: MLflow, the report
HOUSEHOLDS = 40


def main(folder: Path) -> None:
    """Run the nights one after the other, as `lakehouse night` does.

    Raises:
        SystemExit: a job failed, which it should not on any machine.
    """
    try:
        write_sample(folder / "drop", nights=2, households=HOUSEHOLDS)
        places = {name: str(folder / name) for name in ("lake", "drop", "reports")}
        secret = {"account_secret": f"file:{folder}/account.key", "event_logs": ""}
        conf = Conf([packaged("conf") / "sample"], overrides={**places, **secret})
        for day in steps.delivered_days(str(folder / "drop")):
            _run(conf, day)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(conf: Conf, day: date) -> None:
    result = steps.run(conf, STEPS, day)
    failed = [outcome.error or outcome.reason for outcome in result.outcomes if outcome.outcome == "failed"]
    if failed:
        raise SystemExit("; ".join(failed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
