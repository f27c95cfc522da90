"""Train the match model again, compare it with the champion, log both figures in MLflow, promote it if it may be.

Reads   silver.customers; of the lake's present state also identity.match_pairs and identity.steward_decisions
Writes  the registered model customer_identity in MLflow; runs when it is named (weekly), not every night

A promoted model goes to identity.linkage_models, from where nights take theirs: a night needs no MLflow. What it would
regroup is for the night to say and to apply.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity import registered_models
from jobs.identity.grouping import deterministic
from jobs.identity.matching import linkage
from jobs.identity.matching.engines import Engine, Table, choose
from jobs.identity.persistent_ids import engine_tables, scored_pairs
from jobs.identity.persistent_ids.scored_pairs import Matching, Model
from jobs.identity.registry.identity_model import expected, fault
from jobs.identity.registry.model_agreement import Agreement, by_weight, compared
from jobs.identity.registry.model_log import Logged
from jobs.identity.settings.identity import Settings as IdentitySettings
from jobs.identity.settings.identity_training import Settings
from lakehouse.lake.lake import Lake
from lakehouse.runs import graph, job_parts

READS = ("silver.customers",)
READS_PREVIOUS = ("identity.linkage_models", "identity.match_pairs", "identity.steward_decisions")
WRITES = "mlflow.customer_identity"
FORMERLY = ("identity_training",)
ON_DEMAND = True
CONF = ("identity_training", "identity", "cleaning", "china_divisions")
MODELS, PAIRS, DECISIONS = "identity.linkage_models", "identity.match_pairs", "identity.steward_decisions"
PAIR = "account_id_left, account_id_right, match_weight"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Train on tonight's accounts; any fault leaves the champion where it is, with a note."""
    conf = lake.conf.settings("identity", IdentitySettings)
    champion = registered_models.in_force(lake, run_date)
    if champion is None or champion["trained_on"] == run_date:
        lake.note(
            WRITES,
            "no training: "
            + ("no night has linked anybody yet" if champion is None else "the model in force is of this very day"),
        )
        return
    engine = choose(lake.spark, lake.profile.engine_of(conf.lane), lake.row_count(READS[0]), conf.duckdb_up_to_records)
    try:
        _trained(lake, engine, run_date, settings, conf)
    finally:
        engine.close()


@dataclass(frozen=True)
class Challenger:
    """A trained model, the table of the pairs that it keeps, and how many accounts had usable fields."""

    model: dict[str, Any]
    pairs: Table
    usable: int


def _trained(lake: Lake, engine: Engine, run_date: date, settings: Settings, conf: IdentitySettings) -> None:
    accounts, columns = engine_tables.put_accounts(lake, engine, conf, run_date)
    deterministic.without_frequent_values(engine, accounts, conf, columns)
    usable = engine.fetch("SELECT count(record_hash) AS n FROM cleaned").to_pylist()[0]["n"]
    if usable < conf.training.least_records:
        lake.note(
            WRITES,
            f"{usable} accounts with usable fields are too few to learn from "
            f"({conf.training.least_records} are needed): the champion stays",
        )
        return
    linkage.prepare(engine, conf)
    model = linkage.trained_model(engine, conf)
    if reason := fault(model):
        lake.note(WRITES, f"the new model is not used: {reason}; the champion stays")
        return
    matching = Matching(engine, conf, run_date, Model(f"of {run_date}", model), columns)
    pairs = scored_pairs.score(matching, only_new=False).table
    _kept(lake, engine, _evaluated(lake, matching, Challenger(model, pairs, usable), settings), run_date)


def _evaluated(lake: Lake, matching: Matching, challenger: Challenger, settings: Settings) -> Logged:
    engine, conf, model = matching.engine, matching.conf, challenger.model
    bits = linkage.clustering(conf.clustering, model).join_weight_bits
    in_force = engine.table_of("in_force", lake.read(PAIRS).select(*PAIR.split(", ")))
    agreement = compared(engine, challenger.pairs, in_force, engine.table_of("labels", labels(lake)), bits)
    weights = engine.fetch(by_weight(challenger.pairs))
    return Logged(
        model=model,
        trained_on=matching.run_date,
        record_count=challenger.usable,
        expected=expected(weights, model, challenger.usable, bits),
        weights=weights,
        joins_from_bits=bits,
        settings=conf.training.model_dump(),
        data_versions={table: int(version) for table, version in lake.pinned.items() if version is not None},
        figures=figures(agreement),
        refusal=agreement.refusal(settings),
    )


def labels(lake: Lake) -> DataFrame:
    """Pairs that stewards decided: account_id_left, account_id_right, decision (same or never)."""
    columns = ("account_id_left", "account_id_right", "decision")
    if not lake.exists(DECISIONS):
        return lake.spark.createDataFrame([], ", ".join(f"{name} STRING" for name in columns))
    decided = lake.read(DECISIONS).where(F.col("decision").isin("same", "never"))
    if "withdrawn_on" in decided.columns:
        decided = decided.where("withdrawn_on IS NULL")
    return decided.select(*columns).distinct()


def figures(agreement: Agreement) -> dict[str, float]:
    """The comparison as metrics."""
    metrics = {
        "agreement_share": agreement.share,
        "pairs_in_question": float(agreement.pairs),
        "label_count": float(agreement.labels),
    }
    if agreement.labels:
        metrics |= {
            "labels_right_share": agreement.labels_right / agreement.labels,
            "labels_right_share_champion": agreement.labels_right_before / agreement.labels,
        }
    return metrics


def _kept(lake: Lake, engine: Engine, logged: Logged, run_date: date) -> None:
    """Into MLflow, the list of models and, where it may be, the place that nights take theirs from."""
    version = registered_models.registered(lake, logged, run_date)
    registered_models.publish(lake, run_date, logged, version)
    if logged.refusal:
        lake.note(WRITES, f"the new model is not promoted: {logged.refusal}")
        return
    row = {
        "trained_on": logged.trained_on,
        "record_count": logged.record_count,
        "job_hash": night_hash(lake),
        "lane": engine.name,
        "model": json.dumps(logged.model),
    }
    lake.publish(MODELS, lake.spark.createDataFrame([row], lake.contracts[MODELS].schema()), run_date)


def night_hash(lake: Lake) -> str:
    """Code and settings that a model is learned by, as the night's own job names them: what it takes a model of."""
    (job,) = graph.select(("identity.customer_map",))
    return job_parts.learned_hash(job, lake.conf)
