"""Train the churn model, judge it on examples it could not have known, log it in MLflow, promote it if it is no worse.

The newest as-of date whose labels have matured is held out; training uses only as-of dates whose labels had matured
by that morning. The model that is registered is the one that was judged: nothing is refitted afterwards, so the
figures are its own, and a champion of an earlier week has not seen the held-out labels either.

Reads   models.churn_examples
Writes  the registered model customer_churn in MLflow; runs when it is named (weekly), not every night
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.models.churn.log import Comparison, log_model
from jobs.models.churn.metrics import Evaluation, evaluate
from jobs.models.churn.registry import Champion, champion, compared, promote
from jobs.models.churn.scorecard import fit_scorecard
from jobs.models.churn.trained import Trained
from jobs.models.settings.churn import FEATURES, Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.sql.query import Query

READS = ("models.churn_examples",)
WRITES = "mlflow.customer_churn"
FORMERLY = ("churn_training",)
ON_DEMAND = True
CONF = "churn"
EXAMPLES = READS[0]
SEED = 20171001


@dataclass(frozen=True)
class Split:
    """Examples to learn from and to be judged on; `reason` says what is missing where training cannot be."""

    training: pd.DataFrame
    held_out: pd.DataFrame
    reason: str = ""


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """The weekly training: what it promotes scores from the next night on."""
    train(lake, run_date, settings, serves_from=as_of_morning(run_date) + timedelta(days=1))


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield horizon_query()


def train(lake: Lake, run_date: date, settings: Settings, serves_from: date) -> Champion | None:
    """Train, log and perhaps promote; the version that serves from `serves_from`, None where data is too scarce."""
    models = of_lake(lake)
    settings = settings.looking(horizon_of(lake))
    present = champion(models, serves_from, settings.horizon)
    split = split_examples(lake.read(EXAMPLES), as_of_morning(run_date), settings)
    if split.reason:
        lake.note("models.churn_scores", f"no churn model of {settings.horizon} days: {split.reason}")
        return present
    trained = fitted(split, settings, data_versions(lake))
    rival = judged(present, split.held_out, settings) if present else None
    is_promoted = rival is None or trained.evaluation.auc >= rival.auc - settings.promotion_tolerance_auc
    against = Comparison(present, rival, is_promoted)
    version = log_model(models, trained, settings, against, lake.path(EXAMPLES))
    if present and not is_promoted:
        lake.note("models.churn_scores", f"version {version} of the churn model ranks worse than the champion")
        compared(models, present, trained.held_out["as_of"].max())
        return present
    promote(models, version, serves_from)
    return champion(models, serves_from, settings.horizon)


def horizon_of(lake: Lake) -> int | None:
    """How many days the labels of the examples look ahead; None where there are none."""
    known = lake.fetch(horizon_query()).to_pylist()
    return known[0]["horizon_days"] if known else None


def horizon_query() -> Query:
    """The horizon of the examples, which all have the same."""
    sql = "SELECT max(horizon_days) AS horizon_days FROM {examples}"
    return Query(sql, {"examples": EXAMPLES}, answers="horizon_days INT")


def split_examples(examples: DataFrame, known_until: date, settings: Settings) -> Split:
    """Bring the matured examples to the driver, within the configured bound, and split them by time.

    Args:
        examples: models.churn_examples.
        known_until: labels that end later do not count, even where the table has them.
    """
    matured = examples.where(
        F.col("is_churned").isNotNull() & (F.date_add("as_of", F.col("horizon_days")) <= F.lit(known_until))
    )
    counts = matured.groupBy("as_of").count().toPandas()  # one row per as-of date: at most max_as_of_dates
    share = min(1.0, settings.max_training_rows / max(1, int(counts["count"].sum())))
    if share < 1.0:  # whole customers, chosen by hash, so that a night done again takes the same ones
        matured = matured.where(F.pmod(F.xxhash64("customer_id"), F.lit(1_000_000)) < int(share * 1_000_000))
    frame = matured.select("customer_id", "as_of", "is_churned", *FEATURES).toPandas()
    frame = frame.sort_values(["as_of", "customer_id"]).drop(columns="customer_id")  # a fixed order, then no ids
    return divided(frame, settings)


def divided(frame: pd.DataFrame, settings: Settings) -> Split:
    """Hold the newest as-of date out; learn from those whose labels had matured by then."""
    if frame.empty:
        days = settings.min_history_days + 2 * settings.horizon
        return Split(frame, frame, f"no customer's label is known yet; about {days} days of purchases are needed")
    newest = frame["as_of"].max()
    training = frame[frame["as_of"] <= newest - timedelta(days=settings.horizon)]
    held_out = frame[frame["as_of"] == newest]
    return Split(
        training, held_out, scarcity(training, "to learn from", settings) or scarcity(held_out, "held out", settings)
    )


def scarcity(frame: pd.DataFrame, use: str, settings: Settings) -> str:
    """What is missing for training, in words; empty where there is enough."""
    churners = int(frame["is_churned"].astype(bool).sum())
    stayers = len(frame) - churners
    if len(frame) >= settings.min_examples and min(churners, stayers) >= settings.min_of_each_kind:
        return ""
    return (
        f"{len(frame):,} examples {use} ({churners:,} churners, {stayers:,} stayers); {settings.min_examples:,} with"
        f" {settings.min_of_each_kind:,} of each kind are needed (min_examples, min_of_each_kind in churn.yaml)"
    )


def fitted(split: Split, settings: Settings, versions: dict[str, int]) -> Trained:
    """Fit on the training examples and judge on those held out."""
    values, is_churned = arrays(split.training)
    card = fit_scorecard(FEATURES, values, is_churned, settings.l2_penalty)
    from jobs.models.churn.churn_pyfunc import probabilities  # imports MLflow

    probability = probabilities(vars(card), split.held_out)["churn_probability"].to_numpy()
    evaluation = evaluate(arrays(split.held_out)[1], probability, settings.bootstrap_rounds, SEED)
    return Trained(card, split.training, split.held_out, probability, evaluation, versions)


def judged(present: Champion, held_out: pd.DataFrame, settings: Settings) -> Evaluation:
    """The present champion on the same held-out examples."""
    probability = present.predictor()(held_out).to_numpy(dtype=float)
    return evaluate(arrays(held_out)[1], probability, settings.bootstrap_rounds, SEED)


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Feature rows and labels as floats."""
    return frame[list(FEATURES)].to_numpy(dtype=float), frame["is_churned"].to_numpy(dtype=float)


def data_versions(lake: Lake) -> dict[str, int]:
    """Delta versions of the examples and of the tables they were made from."""
    made = delta_log.last_publish(lake.path(EXAMPLES))
    inputs = made.recorded.get("inputs", {}) if made else {}
    own = {EXAMPLES: lake.pinned.get(EXAMPLES)}
    return {table: int(version) for table, version in {**own, **inputs}.items() if version is not None}
