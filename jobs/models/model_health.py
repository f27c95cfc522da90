"""Models: whether tonight's rows look as those did that a champion was judged on, and whether what it said came true.

The newest day's values are held against those of the weeks before; a night on which nothing has come says so, and is
no drift. A distribution is looked at every night; a performance when labels of a further as-of date have come to be
known, and until then it stands as it was. A champion that lost too much gives its place to the one before it, where
that one is better on the same labels: written to _models/changes.jsonl like any move.

Reads   models.churn_examples, models.churn_scores, gold.customer_order_days, ops.model_health (its own, of the night
        before); for the models of what the company lands bronze.*, after their scores
Writes  ops.model_health, one row per night, model, measure and column or cohort
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.models.churn import arrived
from jobs.models.customer_churn import KIND, horizon_of, horizon_query, model_of
from jobs.models.landed import scores, watch
from jobs.models.settings.churn import Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import arrivals, store, watching
from lakehouse.modelling.watching import Watch, demoted, measured
from lakehouse.sql.query import Query

READS = (
    "models.churn_examples",
    "models.churn_scores",
    "gold.lead_scores",
    "gold.risk_scores",
    "gold.opportunity_scores",
    "gold.maintenance_reminders",
    "gold.customer_order_days",
    "bronze.*",
)
READS_PREVIOUS = ("ops.model_health",)
WRITES = "ops.model_health"
DEPENDS_ON_RUN_DATE = True
CONF = "churn"
OF_ARRIVALS = ("arrival", "source_psi")
MOST_ROWS = 50_000  # ids say nothing of their customers: the first ones are as good as any
TONIGHT = "SELECT * FROM {examples} WHERE as_of = DATE '%s' ORDER BY customer_id LIMIT %d"
MATURED = """SELECT * FROM {examples} WHERE is_churned IS NOT NULL AND datediff(DATE '%s', as_of) >= horizon_days
             AND as_of = (SELECT max(as_of) FROM {examples} WHERE is_churned IS NOT NULL
                          AND datediff(DATE '%s', as_of) >= horizon_days)
             ORDER BY customer_id LIMIT %d"""
SERVED = "SELECT max(model_version) AS number FROM {scores}"
BEFORE = """SELECT * FROM {health} WHERE run_date = (SELECT max(run_date) FROM {health}
            WHERE run_date < DATE '%s')"""
SCHEMA = pa.schema(
    {
        "run_date": pa.date32(),
        "model": pa.string(),
        "measure": pa.string(),
        "name": pa.string(),
        "model_version": pa.string(),
        "value": pa.float64(),
        "usual": pa.float64(),
        "line": pa.float64(),
        "is_alarm": pa.bool_(),
        "since": pa.date32(),
        "sentence": pa.string(),
        "labels_as_of": pa.date32(),
        "row_count": pa.int64(),
    }
)


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Measure the model that scored tonight."""
    if lake.is_replay:
        return  # what was watched that night stands as it is
    served = lake.fetch(served_query()).to_pylist()[0]["number"]
    before = lake.fetch(before_query(run_date)).to_pylist()
    rows = health_of_churn(lake, run_date, settings, served, before) if served else []
    rows += watch.health(lake, run_date, before, WRITES)
    lake.publish(WRITES, pa.Table.from_pylist(rows, schema=SCHEMA), run_date)
    for row in rows:
        if row["is_alarm"] and row["since"] == run_date:
            lake.note(WRITES, f"{row['model']}: {row['sentence']}")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (horizon_query(), served_query(), before_query(run_date), tonight_query(run_date))
    yield from (matured_query(run_date), arrived.query(run_date))
    for purpose, table in watch.TABLES.items():
        yield watch.served_query(table)
        yield from scores.lines_queries(conf, purpose)


def served_query() -> Query:
    """The version that made tonight's scores."""
    return Query(SERVED, {"scores": READS[1]}, answers="number STRING")


def before_query(run_date: date) -> Query:
    """The rows of the night before."""
    return Query(BEFORE % run_date, {"health": WRITES}, answers=WRITES)


def tonight_query(run_date: date) -> Query:
    """Tonight's examples, a part of them where they are many."""
    return Query(TONIGHT % (as_of_morning(run_date), MOST_ROWS), {"examples": READS[0]}, answers=READS[0])


def matured_query(run_date: date) -> Query:
    """Examples of the newest as-of date whose labels are known."""
    morning = as_of_morning(run_date)
    return Query(MATURED % (morning, morning, MOST_ROWS), {"examples": READS[0]}, answers=READS[0])


def health_of_churn(
    lake: Lake, run_date: date, settings: Settings, served: str, before: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The night's rows of the churn model, after a demotion where one is due."""
    models = store.of_models(lake.conf, of_lake(lake))
    model = model_of(lake.conf, settings.looking(horizon_of(lake)))
    matured = lake.fetch(matured_query(run_date)).to_pandas()
    watched = Watch(model, models, served, run_date, [row for row in before if row["model"] == KIND])
    came = arrived.columns(lake.fetch(arrived.query(run_date)).to_pandas())
    days, known = next((of.days for of in came.values()), []), arrived.before(watched)
    if not arrivals.has_arrived(days, known):  # a silence of the exports is none of the customers
        rows = watching.kept(watched, OF_ARRIVALS)
    else:
        rows = measured(watched, lake.fetch(tonight_query(run_date)).to_pandas(), matured)
        found = arrivals.sources(
            came, arrived.features(model), model.gates.max_psi, watching.since(watched, "source_psi")
        )
        rows += watching.rows_of(watched, found)
    rows += watching.rows_of(watched, [arrivals.arrival(days, run_date, known)] if days else [])
    if sentence := demoted(watched, rows, matured):
        lake.note(WRITES, sentence)
    return rows
