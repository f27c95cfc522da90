"""Models: how likely each customer is to buy nothing in the coming days, why, and what is at risk with them.

Reads   models.churn_examples, gold.customer_value
Writes  models.churn_scores, one row per customer in tonight's examples

Where there is no champion yet, this night trains the first one; and another one where the company's interval changed,
or labels of later days have come to be known. Where MLflow cannot be asked, the last champion's copy scores.
"""

from collections.abc import Iterator
from datetime import date

from jobs.models.churn.scoring import scored_table
from jobs.models.customer_churn import KIND, horizon_of, horizon_query, model_of, train
from jobs.models.settings.churn import FEATURES, Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import store
from lakehouse.modelling.store import COMPARED, HELD_OUT, Version
from lakehouse.modelling.untrainable import LeakError
from lakehouse.sql.query import Query

READS = ("models.churn_examples", "gold.customer_value")
WRITES = "models.churn_scores"
DEPENDS_ON_RUN_DATE = True
CONF = "churn"
TONIGHT = "SELECT * FROM {examples} WHERE as_of = DATE '%s' ORDER BY customer_id"
VALUES = "SELECT customer_id, CAST(residual_value AS DOUBLE) AS residual_value FROM {customer_value}"
LINEAGE = {
    WRITES: {
        "customer_id": ("models.churn_examples.customer_id",),
        "model_version": (),
        "scored_as_of": (),
        "horizon_days": (),
        "value_at_risk": ("gold.customer_value.residual_value",),
        "data_versions": (),
        "*": tuple(f"models.churn_examples.{name}" for name in FEATURES),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Score tonight's examples."""
    serving = tonights_champion(lake, run_date, settings)
    if serving is None:  # train has said why
        lake.publish(WRITES, lake.empty(WRITES), run_date)
        return
    if serving.is_copy:
        lake.note(WRITES, f"MLflow cannot be asked: the copy of version {serving.number} scores")
    examples = lake.fetch(tonight_query(run_date))
    model = model_of(lake.conf, settings.looking(serving.horizon_days))
    lake.publish(WRITES, scored_table(model, serving, examples, lake.fetch(values_query())), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield horizon_query()
    yield tonight_query(run_date)
    yield values_query()


def tonight_query(run_date: date) -> Query:
    """Tonight's examples."""
    return Query(TONIGHT % as_of_morning(run_date), {"examples": READS[0]}, answers=READS[0])


def values_query() -> Query:
    """What each customer will still bring."""
    answers = "customer_id STRING, residual_value DOUBLE"
    return Query(VALUES, {"customer_value": READS[1]}, answers=answers)


def tonights_champion(lake: Lake, run_date: date, settings: Settings) -> Version | None:
    """The champion of the company's horizon, trained tonight where there is none or its day is long past.

    A replay trains nothing. Until a new horizon's labels are known the old horizon's champion goes on.
    """
    models, as_of = store.of_models(lake.conf, of_lake(lake)), as_of_morning(run_date)
    settings = settings.looking(horizon_of(lake))
    present = known_champion(lake, models, as_of, settings.horizon)
    is_copy = present is not None and present.is_copy
    if not lake.is_replay and not is_copy and (present is None or is_past(present, as_of, settings)):
        present = trained(lake, run_date, settings, present)
    if present is not None:
        return present
    other = known_champion(lake, models, as_of, None)
    if other is not None:
        lake.note(WRITES, f"scores look {other.horizon_days} days ahead, by the model in force")
    return other


def trained(lake: Lake, run_date: date, settings: Settings, present: Version | None) -> Version | None:
    """Who serves after a training tonight; a champion goes on where a column stops the training.

    Raises:
        LeakError: a column looks like the label in disguise, and there is no champion yet.
    """
    try:
        return train(lake, run_date, settings, serves_from=as_of_morning(run_date))
    except LeakError as error:
        if present is None:
            raise
        lake.note(WRITES, f"not trained anew: {error.paragraph()}")
        return present


def known_champion(lake: Lake, models: store.Store, as_of: date, horizon: int | None) -> Version | None:
    """The version that serves; one without our files counts as none, and the night says so."""
    try:
        return models.serving(KIND, as_of, horizon)
    except store.ForeignVersionError as error:
        lake.note(WRITES, f"{error.what}: it does not score")
        return None


def is_past(present: Version, as_of: date, settings: Settings) -> bool:
    """Whether labels are known by now of days so much later than those that the champion was held against."""
    days = [date.fromisoformat(present.tags[name]) for name in (HELD_OUT, COMPARED) if name in present.tags]
    return bool(days) and (settings.newest_matured(as_of) - max(days)).days >= settings.retrain_after_days
