"""Identity: the version of customer_identity that somebody made the champion by hand, in MLflow.

Reads   MLflow; of the lake's present state also identity.registered_models
Writes  identity.champion_models, one row per change by hand

Nights take their model from the lake. Whoever moves the alias `champion` (a rollback) finds that version in force from
the next night on; what it would regroup is listed first, as of any other model (model_changes.py). A night with
nothing to take over asks for the number of a version and does no more; where MLflow cannot be reached, it says so.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
from pyspark.sql import functions as F

from jobs.identity.matching.linkage import PLAN
from jobs.identity.registry import kept_model
from jobs.identity.registry.identity_model import fault
from jobs.identity.registry.model_log import MODEL_NAME
from lakehouse.config.layers import Conf, Profile
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import LakeModels, of_lake
from lakehouse.sql.query import Query

READS = ()
READS_PREVIOUS = ("identity.registered_models", "identity.champion_models")
WRITES = "identity.champion_models"
DEPENDS_ON_RUN_DATE = True  # MLflow tells nobody that it changed
REGISTERED = "identity.registered_models"
PROMOTED = (
    "SELECT registered_on AS day, model_version FROM {{models}} WHERE is_promoted "
    "AND registered_on <= DATE '{0}' ORDER BY registered_on DESC, trained_on DESC"
)
TAKEN = """SELECT taken_on AS day, model_version FROM {{taken}} WHERE taken_on <= DATE '{0}' ORDER BY taken_on DESC"""
LINEAGE = {WRITES: {"*": ()}}  # what MLflow holds


def run(lake: Lake, run_date: date, profile: Profile) -> None:
    """Take over the champion where it is not the version that the lake knows of; a replay repeats its night's."""
    if lake.is_replay:
        lake.publish(WRITES, lake.as_published(WRITES).where(F.col("taken_on") == F.lit(run_date)), run_date)
        return
    row = _champion_row(lake, run_date)
    if row is not None:
        lake.publish(WRITES, pa.Table.from_pylist([row], arrow_schema(lake.contracts[WRITES])), run_date)
    elif not lake.is_published(WRITES):
        lake.publish(WRITES, lake.empty(WRITES), run_date)


def _champion_row(lake: Lake, run_date: date) -> dict[str, Any] | None:
    known = _known(lake, run_date)
    if known is None:  # no model of this lake is in MLflow yet
        return None
    try:
        models = of_lake(lake)
        version = champion_number(models)
        return None if version in (None, known) else _taken(lake, run_date, models, version)
    except Exception as error:  # noqa: BLE001 whatever MLflow's store raises: no night depends on it
        lake.note(
            WRITES,
            f"MLflow could not be asked for its champion ({type(error).__name__}): the model in the lake "
            "is used; see mlflow_tracking_uri in the profile",
        )
        return None


def champion_number(models: LakeModels) -> str | None:
    """The version that the champion's alias of this lake's models points at."""
    return models.champion_number(MODEL_NAME)


def queries(conf: Conf, run_date: date, profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield from (promoted_query(run_date), taken_query(run_date))


def promoted_query(run_date: date) -> Query:
    """The newest promoted model up to a night."""
    sql = f"{PROMOTED.format(run_date)} LIMIT 1"
    return Query(sql, {"models": REGISTERED}, answers="day DATE, model_version STRING")


def taken_query(run_date: date) -> Query:
    """The last version taken over by hand up to a night."""
    return Query(f"{TAKEN.format(run_date)} LIMIT 1", {"taken": WRITES}, answers="day DATE, model_version STRING")


def _known(lake: Lake, run_date: date) -> str | None:
    """The version in force by the lake: of the newest promoted model or, if that is later, taken over by hand."""
    promoted = lake.fetch(promoted_query(run_date)).to_pylist()
    taken = lake.fetch(taken_query(run_date)).to_pylist()
    # the weekly training of a day comes after its night
    by_hand = taken and promoted and taken[0]["day"] > promoted[0]["day"]
    return next((row["model_version"] for row in (taken if by_hand else promoted)), None)


def _taken(lake: Lake, run_date: date, models: LakeModels, version: str) -> dict[str, Any] | None:
    """The version's model as a row, None (with a note) where it cannot be used."""
    from jobs.identity.customer_identity import night_hash

    champion = kept_model.read(models, version)
    reason = fault(champion.model) or ("" if PLAN in champion.model else "it does not say what it compares")
    if not reason and champion.trained_on > run_date:
        reason = f"it was trained on {champion.trained_on}, after this night"
    if reason:
        lake.note(WRITES, f"version {version} of {MODEL_NAME} is the champion in MLflow and is not used: {reason}")
        return None
    lake.note(
        WRITES,
        f"version {version} of {MODEL_NAME}, trained on {champion.trained_on}, is the champion in MLflow: "
        "it is taken over; what it changes is listed in identity.pending_model_changes first",
    )
    return {
        "taken_on": run_date,
        "model_version": version,
        "trained_on": champion.trained_on,
        "record_count": champion.record_count,
        "job_hash": night_hash(lake),
        "model": json.dumps(champion.model),
    }
