"""Train the churn model, judge it on examples it could not have known, log it in MLflow, promote it if it is better.

The newest as-of date whose labels have matured is held out; training uses only as-of dates whose labels had matured
by that morning, and so does a champion of an earlier week: neither has seen the held-out labels. The alias moves only
by a paired test on the same customers (conf/models/customer_churn.yaml says the gates).

Reads   models.churn_examples
Writes  the registered model customer_churn in MLflow; runs when it is named (weekly), not every night
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pyarrow as pa

from jobs.models.churn.features import KEPT
from jobs.models.settings.churn import Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import life, store
from lakehouse.modelling.spec import Model
from lakehouse.modelling.store import Version
from lakehouse.sql.hashed_share import held_out_sql
from lakehouse.sql.query import Query

READS = ("models.churn_examples",)
WRITES = "mlflow.customer_churn"
FORMERLY = ("churn_training",)
ON_DEMAND = True
CONF = "churn"
EXAMPLES = READS[0]
KIND = "customer_churn"
MATURED = "is_churned IS NOT NULL AND datediff(DATE '%s', as_of) >= horizon_days"
COUNTED = "SELECT count(*) AS row_count, min(customer_share) AS customer_share FROM {examples} WHERE "


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """The weekly training: what it promotes scores from the next night on."""
    train(lake, run_date, settings, serves_from=as_of_morning(run_date) + timedelta(days=1))


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield horizon_query()
    yield from (counted_query(run_date), matured_query(run_date))


def train(lake: Lake, run_date: date, settings: Settings, serves_from: date) -> Version | None:
    """Train, log and perhaps promote; the version that serves from `serves_from`, None where data are too scarce."""
    settings = settings.looking(horizon_of(lake))
    model = model_of(lake.conf, settings)
    models = store.of_models(lake.conf, of_lake(lake))
    rows = lake.fetch(matured_query(run_date, training_share(lake, run_date, settings)))
    try:
        _enough_dates(rows, settings)
        examples = life.examples_of(model, rows, data_versions(lake))
        outcome = life.trained_and_judged(models, model, examples, serves_from, lake.job_hash)
    except life.UntrainableError as error:
        lake.note("models.churn_scores", f"no churn model of {settings.horizon} days: {error.what}")
        return models.serving(KIND, serves_from, settings.horizon)
    if not outcome.is_champion:
        why = f"version {outcome.version} of the churn model stays challenger: {outcome.comparison.reason}"
        lake.note("models.churn_scores", why)
    return models.serving(KIND, serves_from, settings.horizon)


def model_of(conf: Conf, settings: Settings) -> Model:
    """The model's YAML with the company's horizon and the needs of churn.yaml."""
    model = life.model_of(conf, KIND)
    gates = model.gates.replace(min_examples=settings.min_examples, min_of_each_kind=settings.min_of_each_kind)
    label = model.label.replace(horizon_days=settings.horizon)
    return model.model_copy(update={"gates": gates, "label": label})


def _enough_dates(rows: pa.Table, settings: Settings) -> None:
    """Whether any label is known.

    Raises:
        UntrainableError: none is; with how many days of purchases that takes.
    """
    if not rows.num_rows:
        days = settings.min_history_days + 2 * settings.horizon
        raise life.UntrainableError(f"no customer's label is known yet; about {days} days of purchases are needed")


def training_share(lake: Lake, run_date: date, settings: Settings) -> float:
    """Of all customers those who train, where rows are too many; by a hash: a night done again takes the same."""
    [known] = lake.fetch(counted_query(run_date)).to_pylist()
    if known["row_count"] <= settings.max_training_rows:
        return 1.0
    return float((known["customer_share"] or 1.0) * settings.max_training_rows / known["row_count"])


def horizon_of(lake: Lake) -> int | None:
    """How many days the labels of the examples look ahead; None where there are none."""
    known = lake.fetch(horizon_query()).to_pylist()
    return known[0]["horizon_days"] if known else None


def horizon_query() -> Query:
    """The horizon of the examples, which all have the same."""
    sql = "SELECT max(horizon_days) AS horizon_days FROM {examples}"
    return Query(sql, {"examples": EXAMPLES}, answers="horizon_days INT")


def matured_query(run_date: date, share: float = 1.0) -> Query:
    """Examples whose labels are known as of a night; labels that end later do not count, even where they are there.

    Args:
        share: of all customers, by the hash that chose whose past examples are kept: a smaller one is within a larger.
    """
    known = MATURED % as_of_morning(run_date)
    kept = "" if share == 1 else f" AND {held_out_sql(KEPT, '', share, 'customer_id')}"
    return Query(f"SELECT * FROM {{examples}} WHERE {known}{kept}", {"examples": EXAMPLES}, answers=EXAMPLES)


def counted_query(run_date: date) -> Query:
    """How many those are, and of which share of the customers."""
    answers = "row_count BIGINT, customer_share DOUBLE"
    return Query(COUNTED + MATURED % as_of_morning(run_date), {"examples": EXAMPLES}, answers=answers)


def data_versions(lake: Lake) -> dict[str, int]:
    """Delta versions of the examples and of the tables they were made from."""
    made = delta_log.last_publish(lake.path(EXAMPLES))
    inputs = made.recorded.get("inputs", {}) if made else {}
    own = {EXAMPLES: lake.pinned.get(EXAMPLES)}
    return {table: int(version) for table, version in {**own, **inputs}.items() if version is not None}
