"""Gold: the weekly fit behind recommendations: items' factors, the ranker, and how good the lists would have been.

Reads   silver.order_lines, silver.products, identity.customer_map
Writes  gold.recommendation_models (one row per fit), gold.recommendation_items (one row per item of the last fit),
        gold.recommendation_evaluation (one row per fit, task, method and customer group)

Nights between two fits leave the tables as they are. A night takes its model from the lake and needs no MLflow; where
MLflow can be reached each fit is logged and registered there as `recommendation_ranker`.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import functions as F

from jobs.gold.recommending.fitting import Fit, Fitter
from jobs.gold.recommending.purchases import purchase_queries
from jobs.gold.settings.recommendations import Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.sql.query import Query

READS = ("silver.order_lines", "silver.products", "identity.customer_map")
READS_PREVIOUS = ("gold.recommendation_models",)
WRITES = ("gold.recommendation_models", "gold.recommendation_items", "gold.recommendation_evaluation")
DEPENDS_ON_RUN_DATE = True
CONF = "recommendations"
MODELS, ITEMS, EVALUATION = WRITES
LAST = """SELECT fitted_on, fit_hash FROM {models} WHERE fitted_on <= DATE '%s' ORDER BY fitted_on DESC LIMIT 1"""
BOUGHT = ("silver.order_lines.order_date", "silver.order_lines.product_id", "identity.customer_map.customer_id")
NAMED = tuple(f"silver.products.{name}" for name in ("product_category", "product_type", "product_id"))
LINEAGE = {
    MODELS: {
        **dict.fromkeys(
            ("fitted_on", "fit_hash", "item_level", "learned_as_of", "judged_as_of", "is_learned", "model_version"), ()
        ),
        "customer_count": ("identity.customer_map.customer_id",),
        "item_count": NAMED,
        "ranker": BOUGHT,
    },
    ITEMS: {"item": NAMED, "factors": BOUGHT, "fitted_on": ()},
    EVALUATION: {
        **dict.fromkeys(("fitted_on", "task", "method", "customer_group", "as_of"), ()),
        "*": BOUGHT,
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Fit when it is time to, and keep what came of it."""
    if is_in_force(lake, run_date, settings):
        return
    fit = Fitter(lake, settings, run_date).fit()
    if fit.reason:
        lake.note(MODELS, f"recommendations are ranked by declared weights: {fit.reason}")
    version = version_of(lake, fit, run_date, settings)
    lake.publish(ITEMS, item_rows(fit, run_date), run_date)
    lake.publish(EVALUATION, evaluation_rows(lake, fit, run_date), run_date)
    lake.publish(MODELS, model_rows(lake, fit, run_date, settings, version), run_date)  # last: it says the fit is whole


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield last_query(run_date)
    yield from purchase_queries(run_date, settings)


def last_query(run_date: date) -> Query:
    """The newest fit up to a night."""
    return Query(LAST % run_date, {"models": MODELS}, answers="fitted_on DATE, fit_hash STRING")


def is_in_force(lake: Lake, run_date: date, settings: Settings) -> bool:
    """Whether the last fit is of these settings and not yet old."""
    last = lake.fetch(last_query(run_date)).to_pylist()
    age = timedelta(days=settings.learning.refit_after_days)
    # a day that is done again is fitted again: its table must come of its own inputs
    return (
        bool(last)
        and last[0]["fit_hash"] == settings.fit_hash()
        and timedelta() < run_date - last[0]["fitted_on"] < age
    )


def version_of(lake: Lake, fit: Fit, run_date: date, settings: Settings) -> str | None:
    """The fit's version in MLflow; a replay registers none and repeats the night's. None for a fit without a model."""
    if fit.reason:
        return None
    if lake.is_replay:
        row = lake.as_published(MODELS).where(F.col("fitted_on") == F.lit(run_date)).first()
        return row["model_version"] if row else None
    return registered(lake, fit, run_date, settings)


def registered(lake: Lake, fit: Fit, run_date: date, settings: Settings) -> str | None:
    """The version in MLflow; None, and a note, where MLflow cannot be reached."""
    from jobs.gold.recommending.model_log import log_and_register

    try:
        versions = {table: int(v) for table in READS if (v := lake.pin(table)) is not None}
        return log_and_register(of_lake(lake), fit, run_date, settings, versions)
    except Exception as error:  # noqa: BLE001 whatever MLflow's store raises: no night depends on it
        lake.note(
            MODELS,
            f"MLflow could not be reached ({type(error).__name__}): the ranker in the lake is used, and "
            "the next fit is registered; see mlflow_tracking_uri in the profile",
        )
        return None


def item_rows(fit: Fit, run_date: date) -> pa.Table:
    """One row per item of the catalogue."""
    return pa.table(
        {
            "item": pa.array(fit.keys, pa.string()),
            "factors": pa.array([json.dumps(row) for row in fit.factors.tolist()], pa.string()),
            "fitted_on": pa.array([run_date] * len(fit.keys), pa.date32()),
        }
    )


def evaluation_rows(lake: Lake, fit: Fit, run_date: date) -> pa.Table:
    """The evaluation with its days."""
    rows = [{"fitted_on": run_date, "as_of": fit.judged_as_of, **row} for row in fit.evaluation]
    return pa.Table.from_pylist(rows, schema=arrow_schema(lake.contracts[EVALUATION]))


def model_rows(lake: Lake, fit: Fit, run_date: date, settings: Settings, version: str | None) -> pa.Table:
    """The fit's own row."""
    row: dict[str, Any] = {
        "fitted_on": run_date,
        "fit_hash": settings.fit_hash(),
        "item_level": fit.level,
        "customer_count": fit.customer_count,
        "item_count": len(fit.keys),
        "is_learned": fit.ranker.is_learned,
        "learned_as_of": fit.learned_as_of if fit.ranker.is_learned else None,
        "judged_as_of": fit.judged_as_of if fit.evaluation else None,
        "ranker": fit.ranker.to_json(),
        "model_version": version,
    }
    return pa.Table.from_pylist([row], schema=arrow_schema(lake.contracts[MODELS]))
