"""Identity: the match models in MLflow: each that a night began to use is logged and registered as customer_identity.

Reads   identity.linkage_models
Writes  identity.registered_models, one row per model

It runs on nights that trained a model, beside the golden record, and only then imports MLflow. Where MLflow cannot be
reached the night goes on with the model in the lake, and says so; the next run registers it.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import functions as F

from jobs.identity.registry.identity_model import expected, fault, model_hash
from jobs.identity.registry.model_log import Logged, log_and_register
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.sql.literal import in_query_literal
from lakehouse.sql.query import Query

READS = ("identity.linkage_models",)
READS_PREVIOUS = ("identity.registered_models", "identity.match_pairs")  # the pairs of the model in force, made with it
WRITES = "identity.registered_models"
CONF = "identity"
MODELS, PAIRS = READS[0], "identity.match_pairs"
WEIGHTS = """SELECT CAST(floor(match_weight) AS INT) AS bits, count(*) AS pairs, sum(match_probability) AS matches
             FROM {pairs} GROUP BY CAST(floor(match_weight) AS INT) ORDER BY bits"""
LINEAGE = {
    WRITES: {
        "model_hash": ("identity.linkage_models.model",),
        "trained_on": ("identity.linkage_models.trained_on",),
        "record_count": ("identity.linkage_models.record_count",),
        "estimated_precision": ("identity.match_pairs.match_weight", "identity.match_pairs.match_probability"),
        "estimated_recall": ("identity.match_pairs.match_weight", "identity.match_pairs.match_probability"),
        "*": (),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Register the model in force unless it is registered; a replay registers none and repeats what the night did."""
    if lake.is_replay:
        lake.publish(WRITES, lake.as_published(WRITES).where(F.col("registered_on") == F.lit(run_date)), run_date)
        return
    row = in_force(lake, run_date)
    model = json.loads(row["model"]) if row else {}
    if row is None or fault(model) or is_registered(lake, model_hash(model)):
        lake.publish(WRITES, lake.empty(WRITES), run_date)
        return
    logged = as_logged(lake, row, model, settings)
    publish(lake, run_date, logged, registered(lake, logged, run_date))


def in_force(lake: Lake, run_date: date) -> dict[str, Any] | None:
    """The newest row of identity.linkage_models up to a night."""
    rows = lake.read(MODELS).where(F.col("trained_on") <= F.lit(run_date)).orderBy(F.desc("trained_on"))
    newest = rows.first()
    return newest.asDict() if newest else None


def is_registered(lake: Lake, name: str) -> bool:
    """Whether exactly these parameters have a version in MLflow."""
    return bool(lake.fetch(versions_query(name)).num_rows)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (versions_query("a hash"), weights_query())


def versions_query(name: str) -> Query:
    """The rows that say that parameters of this hash are registered."""
    sql = f"SELECT model_hash FROM {{models}} WHERE model_hash = {in_query_literal(name)} AND model_version IS NOT NULL"
    return Query(sql, {"models": WRITES}, answers="model_hash STRING")


def weights_query() -> Query:
    """Tonight's pairs by whole bits of weight."""
    return Query(WEIGHTS, {"pairs": PAIRS}, answers="bits INT, pairs BIGINT, matches DOUBLE")


def as_logged(lake: Lake, row: dict[str, Any], model: dict[str, Any], settings: Settings) -> Logged:
    """The model in force with what its pairs in the lake promise."""
    weights = lake.fetch(weights_query())
    bits = settings.clustering.join_weight_bits
    made = delta_log.last_publish(lake.path(MODELS))
    inputs = {**(made.recorded.get("inputs", {}) if made else {}), MODELS: lake.pinned.get(MODELS)}
    return Logged(
        model=model,
        trained_on=row["trained_on"],
        record_count=row["record_count"],
        expected=expected(weights, model, row["record_count"], bits),
        weights=weights,
        joins_from_bits=bits,
        settings=settings.training.model_dump(),
        data_versions={table: int(version) for table, version in inputs.items() if version is not None},
    )


def registered(lake: Lake, logged: Logged, run_date: date) -> str | None:
    """The version in MLflow; None, and a note, where MLflow cannot be reached."""
    try:
        return log_and_register(of_lake(lake), logged, serves_from=run_date + timedelta(days=1))
    except Exception as error:  # noqa: BLE001 whatever MLflow's store raises: no night depends on it
        lake.leave_open(MODELS)
        lake.note(
            WRITES,
            f"MLflow could not be reached ({type(error).__name__}): the model in the lake is used, "
            "and registered when this job runs again; see mlflow_tracking_uri in the profile",
        )
        return None


def publish(lake: Lake, run_date: date, logged: Logged, version: str | None) -> None:
    """One row about one model."""
    row = {
        "model_hash": model_hash(logged.model),
        "trained_on": logged.trained_on,
        "registered_on": run_date,
        "model_version": version,
        "is_promoted": not logged.refusal,
        "refusal": logged.refusal,
        "record_count": logged.record_count,
        "estimated_precision": logged.expected.precision,
        "estimated_recall": logged.expected.recall,
        "agreement_share": logged.figures.get("agreement_share"),
        "label_count": int(logged.figures.get("label_count", 0)),
        "labels_right_share": logged.figures.get("labels_right_share"),
    }
    lake.publish(WRITES, pa.Table.from_pylist([row], arrow_schema(lake.contracts[WRITES])), run_date)
