"""Identity: which customer each account belongs to, for ever.

Reads   silver.customers
Writes  identity.customer_map, one row per account; match_pairs, customer_id_ledger and linkage_models beside it

A night compares new and changed accounts with all others, by a model that was trained once; the model is trained
again after some weeks, when the company has doubled, or when this room's code or configuration changed.
"""

import json
from datetime import date
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity import cleaning, clusters, ids, linkage
from jobs.identity.lanes import Lane, choose
from jobs.identity.settings import Settings
from jobs.lake import Lake

READS = ("silver.customers",)
WRITES = ("identity.customer_map", "identity.match_pairs", "identity.customer_id_ledger", "identity.linkage_models")
CONF = ("identity", "cleaning", "china_divisions")
ISSUED = ("created", "split")
REMEMBERED = ("account_id", "customer_id", "arrived_on", "record_hash")
PAIR_FIELDS = "account_id_left, account_id_right, match_rule, match_weight, match_probability"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    cleaned = cleaning.of_table(lake, "silver.customers", settings.junk, run_date).persist()
    previous = lake.read("identity.customer_map").select(*REMEMBERED).persist()
    try:
        _night(lake, run_date, settings, cleaned, previous)
    finally:
        cleaned.unpersist()
        previous.unpersist()


def _night(lake: Lake, run_date: date, settings: Settings, cleaned: DataFrame, previous: DataFrame) -> None:
    sizes = _sizes(cleaned, previous)
    model = _champion(lake, run_date, settings, sizes["usable"])
    if model is not None and not sizes["changed"] and not sizes["gone"] and lake.exists("identity.customer_map"):
        return
    lane = choose(lake.spark, settings.lane, sizes["accounts"], settings.duckdb_up_to_records)
    try:
        lane.load("cleaned", cleaned)
        lane.load("previous", previous)
        lane.make("changed", _changed_accounts())
        model_row = _scored(lake, lane, settings, model, sizes, run_date)
        _people(lake, lane, settings, run_date)
        _publish(lake, lane, run_date, model_row)
    finally:
        lane.close()


def _sizes(cleaned: DataFrame, previous: DataFrame) -> dict[str, int]:
    """How many accounts there are, are usable, are new or changed, and are gone; one pass."""
    before = previous.select("account_id", F.col("record_hash").alias("hash_before"), F.lit(True).alias("known"))
    found = cleaned.select("account_id", "record_hash", F.lit(True).alias("here")).join(before, "account_id", "full")
    row = found.agg(
        F.count_if("here").alias("accounts"),
        F.count("record_hash").alias("usable"),
        F.count_if(F.col("here") & (F.col("known").isNull() | ~F.col("record_hash").eqNullSafe(F.col("hash_before"))))
        .alias("changed"),
        F.count_if(F.col("here").isNull()).alias("gone"),
    ).first()  # fmt: skip
    return {name: int(value) for name, value in (row.asDict() if row else {}).items()}


def _changed_accounts() -> str:
    return (
        "SELECT c.account_id FROM cleaned c LEFT JOIN previous p ON c.account_id = p.account_id "
        "WHERE p.account_id IS NULL OR coalesce(c.record_hash, '') <> coalesce(p.record_hash, '')"
    )


def _champion(lake: Lake, run_date: date, settings: Settings, usable: int) -> dict[str, Any] | None:
    """The model in force; None when it must be trained (again)."""
    newest = lake.read("identity.linkage_models").where(F.col("trained_on") <= F.lit(run_date))
    row = newest.orderBy(F.col("trained_on").desc()).first()
    if row is None or row["job_hash"] != lake.job_hash:
        return None
    if (run_date - row["trained_on"]).days >= settings.training.retrain_after_days:
        return None
    if usable >= settings.training.retrain_growth_ratio * max(row["record_count"], settings.training.least_records):
        return None
    model: dict[str, Any] = json.loads(row["model"])
    if usable >= settings.training.least_records and "comparisons" not in model:
        return None  # there were too few accounts to learn from; now there are enough
    return model


def _scored(lake: Lake, lane: Lane, settings: Settings, model: dict[str, Any] | None, sizes: dict[str, int],
            run_date: date) -> dict[str, Any] | None:  # fmt: skip
    """Make `pairs`; give the row of a newly trained model."""
    trained = None
    if sizes["usable"] < settings.training.least_records:
        lake.note("identity.customer_map", f"{sizes['usable']} accounts with usable fields: too few to learn from, "
                  f"each stays alone; {settings.training.least_records} are needed")  # fmt: skip
        lane.load("pairs", lake.read("identity.match_pairs").where(F.lit(False)))
        model = model or {}
    else:
        linkage.prepare(lane, settings)
        only_new = model is not None
        if model is None:
            model = linkage.trained_model(lane, settings)
            trained = True
        linkage.score(lane, model, settings.clustering.keep_weight_bits, only_new)
        _pairs(lake, lane, model, settings, only_new)
    if not trained and lake.exists("identity.linkage_models"):
        return None
    return {"trained_on": run_date, "record_count": sizes["usable"], "job_hash": lake.job_hash, "lane": lane.name,
            "model": json.dumps(model)}  # fmt: skip


def _pairs(lake: Lake, lane: Lane, model: dict[str, Any], settings: Settings, only_new: bool) -> None:
    """Make `pairs`: tonight's scores, and last night's of accounts that are as they were."""
    keys = [" + ".join(parts) for parts in settings.blocking.keys]
    names = " ".join(f"WHEN {i} THEN '{text}'" for i, text in enumerate(keys))
    rule = f"CASE match_key {names} END AS match_rule"
    tonight = f"SELECT account_id_left, account_id_right, {rule}, match_weight, match_probability FROM scored"
    if only_new:
        lane.load("pairs_before", lake.read("identity.match_pairs"))
        lane.make("as_they_were", "SELECT a.account_id AS unchanged FROM cleaned a "
                  "LEFT JOIN changed c ON a.account_id = c.account_id WHERE c.account_id IS NULL")  # fmt: skip
        tonight += (
            f" UNION ALL SELECT {PAIR_FIELDS} FROM pairs_before JOIN as_they_were x ON account_id_left = x.unchanged "
            "JOIN as_they_were y ON account_id_right = y.unchanged"
        )
    lane.make("pairs", tonight)


def _people(lake: Lake, lane: Lane, settings: Settings, run_date: date) -> None:
    """Make `clusters`, then the ids."""
    bound = settings.clustering.collect_up_to_pairs
    count = lane.fetch("SELECT count(*) AS n FROM pairs").to_pylist()[0]["n"]
    if count <= bound:
        edges = lane.fetch("SELECT account_id_left, account_id_right, match_weight FROM pairs").to_pandas()
        grouped = clusters.of_pairs(edges, settings.clustering)
        lane.put("clusters", pa.Table.from_pandas(grouped, _labels(), preserve_index=False))
    else:
        pairs = lane.frame(f"SELECT {PAIR_FIELDS} FROM pairs")
        lane.load("clusters", clusters.of_many_pairs(pairs, settings.clustering))
    ledger = lake.read("identity.customer_id_ledger").where(F.col("event").isin(*ISSUED))
    lane.load("issued", ledger.groupBy("customer_id").agg(F.min("run_date").alias("created_on")))
    ids.assign(lane, run_date)


def _labels() -> pa.Schema:
    return pa.schema([("account_id", pa.string()), ("cluster", pa.string())])


def _publish(lake: Lake, lane: Lane, run_date: date, model_row: dict[str, Any] | None) -> None:
    """The map goes last: until it is there, the night can be repeated from the start."""
    if model_row is not None:
        rows = lake.spark.createDataFrame([model_row], lake.contracts["identity.linkage_models"].schema())
        lake.publish("identity.linkage_models", rows, run_date)
    lake.publish("identity.match_pairs", lane.frame(f"SELECT {PAIR_FIELDS} FROM pairs"), run_date)
    lake.publish("identity.customer_id_ledger", lane.frame("SELECT * FROM events"), run_date)
    lake.publish("identity.customer_map", lane.frame(_map(run_date)), run_date)


def _map(run_date: date) -> str:
    """The best pair inside the customer explains why an account is there; an account alone has none."""
    inside = (
        "SELECT p.*, l.customer_id FROM pairs p JOIN assigned l ON p.account_id_left = l.account_id "
        "JOIN assigned r ON p.account_id_right = r.account_id AND l.customer_id = r.customer_id"
    )
    ends = " UNION ALL ".join(
        f"SELECT account_id_{side} AS account_id, account_id_{other} AS partner, match_rule, match_probability, "
        f"match_weight FROM ({inside}) i{side}" for side, other in (("left", "right"), ("right", "left"))
    )  # fmt: skip
    best = (
        "SELECT * FROM (SELECT *, row_number() OVER "
        "(PARTITION BY account_id ORDER BY match_weight DESC, partner) AS turn "
        f"FROM ({ends}) e) ranked WHERE turn = 1"
    )
    return (
        "SELECT a.account_id, c.channel, a.customer_id, CASE WHEN b.account_id IS NOT NULL THEN b.match_rule "
        "WHEN c.record_hash IS NULL THEN 'no_usable_field' ELSE 'alone' END AS match_rule, b.match_probability, "
        f"c.is_lead, a.arrived_on, c.record_hash, DATE '{run_date}' AS _run_date "
        "FROM assigned a JOIN cleaned c ON a.account_id = c.account_id "
        f"LEFT JOIN ({best}) b ON a.account_id = b.account_id"
    )
