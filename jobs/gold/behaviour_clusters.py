"""Gold: groups of customers who buy alike, found by k-means, named by what sets them apart.

Fitted weekly, by run dates alone; in between every customer is put to the nearest of the last fit's centres.

Reads   silver.order_lines, silver.orders, silver.products, identity.customer_map, gold.life_cycle_rhythm
Writes  gold.behaviour_clusters, one row per customer with enough orders;
        gold.behaviour_cluster_models, one row per fit and cluster: centre, profile in words, silhouette, stability
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from jobs.gold.behaviour.features import TABLES, feature_steps
from jobs.gold.behaviour.fitting import SEED, Centres, Model, fit, read_model
from jobs.gold.behaviour.kmeans import Floats
from jobs.gold.behaviour.model import Scaled, assigned_steps, scaled_sql
from jobs.gold.life import choice
from jobs.gold.settings.behaviour_clusters import FEATURES
from jobs.gold.settings.behaviour_clusters import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta import rs_tables
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

READS = ("silver.order_lines", "silver.orders", "silver.products", "identity.customer_map", "gold.life_cycle_rhythm")
READS_PREVIOUS = ("gold.behaviour_clusters", "gold.behaviour_cluster_models")
WRITES = ("gold.behaviour_clusters", "gold.behaviour_cluster_models")
DEPENDS_ON_RUN_DATE = True
CONF = "behaviour_clusters"

CLUSTERS, MODELS = WRITES
COLUMNS = ("customer_id", *FEATURES)
FEATURE_COLUMNS = ", ".join(["customer_id STRING", *(f"{name} DOUBLE" for name in FEATURES)])
FACTS = (
    "silver.order_lines.sales_cents",
    "silver.order_lines.discount_cents",
    "silver.order_lines.coupon_cents",
    "silver.orders.order_type",
    "silver.orders.ordered_at",
    "silver.orders.channel",
    "silver.products.department",
    "silver.products.brand",
    "identity.customer_map.customer_id",
)
LINEAGE = {CLUSTERS: {"since": ()}, MODELS: {"run_date": (), "clip_at": (), "cluster_id": (), "is_new": (), "*": FACTS}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Put every customer who shows a behaviour to a cluster."""
    count = lake.row_count("identity.customer_map")
    settings = settings.model_copy(update={"window_days": choice.until_lost(lake, run_date, settings.window_days)})
    rows = lake.rows(features_query(run_date, lake.profile.business_time_zone, settings), count)
    features: Table = rows if isinstance(rows, pa.Table) else lake.persist(rows, count)
    model = tonights_model(lake, features, run_date, settings)
    if model is None:
        lake.publish(CLUSTERS, empty(lake, CLUSTERS), run_date)
        return
    lake.publish(CLUSTERS, assigned(lake, features, model, run_date, count), run_date)


def tonights_model(lake: Lake, features: Table, run_date: date, settings: Settings) -> Model | None:
    """The last fit while it is young enough, else a new one, which is kept; None where too few customers ever were."""
    known = lake.fetch(models_query())
    before = [row for row in known.to_pylist() if row["run_date"] < run_date]
    last = [row for row in before if row["run_date"] == before[-1]["run_date"]]
    if last and (run_date - last[0]["run_date"]).days < settings.refit_after_days:
        return read_model(last)
    next_id = max((row["cluster_id"] for row in before), default=0) + 1
    new_model = fitted(lake, features, run_date, settings, last, next_id)
    if new_model is None:
        if not lake.exists(MODELS):
            lake.publish(MODELS, empty(lake, MODELS), run_date)
        return read_model(last) if last else None
    model, rows = new_model
    kept = known.filter(pc.not_equal(known["run_date"], pa.scalar(run_date, pa.date32())))
    both = [rs_tables.aligned(part, lake.contracts[MODELS]) for part in (kept, rows)]
    lake.publish(MODELS, pa.concat_tables(both), run_date)
    if kept.num_rows == known.num_rows:  # a repeated night logs nothing anew
        logged(lake, rows, settings)
    return model


def fitted(
    lake: Lake, features: Table, run_date: date, settings: Settings, last: Sequence[dict[str, Any]], next_id: int
) -> tuple[Model, pa.Table] | None:
    """A fit on tonight's customers; None, with a note, where they are too few or all alike."""
    total = lake.fetch(count_query(features)).to_pylist()[0]["n"]
    if total < settings.smallest:
        lake.note(
            CLUSTERS,
            f"{total} customers have {settings.min_order_count} orders or more in {settings.window_days} days; "
            f"clusters need {settings.smallest}",
        )
        return None
    customers = lake.fetch(customers_query(features, settings.spark_above_customers))
    large = spark_lane(lake, features, settings) if total > customers.num_rows else None
    model = fit(customers, run_date, settings, last, next_id, large)
    if model is None:
        lake.note(CLUSTERS, "customers buy too much alike: no feature of conf/behaviour_clusters.yaml varies")
    elif (stability := model[1]["stability"][0].as_py()) < settings.min_stability:
        lake.note(
            CLUSTERS,
            f"two halves of the customers agree on no number of clusters as well as min_stability asks "
            f"({stability:.2f}, wanted {settings.min_stability:g}): the most stable one was taken",
        )
    return model


def logged(lake: Lake, rows: pa.Table, settings: Settings) -> None:
    """The fit in MLflow, for whoever looks at models; no night depends on it."""
    if lake.is_replay:
        return
    from jobs.gold.behaviour.cluster_log import log_fit
    from lakehouse.mlflow_store import tracking_uri

    try:
        log_fit(
            tracking_uri(lake.profile), rows.to_pylist(), settings, {table: lake.pinned.get(table) for table in READS}
        )
    except Exception as error:  # noqa: BLE001 whatever MLflow's store raises
        lake.note(MODELS, f"MLflow has nothing of tonight's fit ({type(error).__name__}); the next fit is logged again")


def spark_lane(lake: Lake, features: Table, settings: Settings) -> Centres:
    """Centres of all customers by Spark ML."""
    from jobs.gold.behaviour.spark_lane import spark_centres

    def centres(scales: Sequence[Scaled], k: int) -> Floats:
        frame = lake.spark.createDataFrame(features) if isinstance(features, pa.Table) else features
        points = lake.spark.sql(scaled_sql(scales, settings.clip_at), args=None, features=frame)
        return spark_centres(points, [f"z{n}" for n in range(len(scales))], k, SEED)

    return centres


def assigned(lake: Lake, features: Table, model: Model, run_date: date, count: int) -> pa.Table | DataFrame:
    """The columns of gold.behaviour_clusters; `since` stays while a customer remains in a cluster."""
    return lake.rows(assigned_query(features, names_of(model), model, run_date), count)


def names_of(model: Model) -> pa.Table:
    """The clusters by the place of their centre."""
    return pa.table(
        {
            "place": pa.array(range(len(model.identities)), pa.int32()),
            "cluster_id": pa.array([who.cluster_id for who in model.identities], pa.int32()),
            "cluster": [who.name for who in model.identities],
        }
    )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job, with two centres over all features."""
    features = features_query(run_date, conf.profile.business_time_zone, settings)
    yield from (choice.choice_query(run_date), features, models_query(), count_query(features))
    yield customers_query(features, settings.spark_above_customers)
    scales = tuple(Scaled(name, feature.scale, feature.weight, 0.0, 1.0) for name, feature in settings.features.items())
    model = Model(run_date, scales, np.zeros((2, len(scales))), (), settings.clip_at)
    names = {"place": "INT", "cluster_id": "INT", "cluster": "STRING"}
    of_models = {"cluster_id": (f"{MODELS}.cluster_id",), "cluster": (f"{MODELS}.cluster",)}
    yield assigned_query(features, Made(names, of_models), model, run_date)


def features_query(run_date: date, time_zone: str, settings: Settings) -> Query:
    """customer_id and the FEATURES of everyone with enough orders."""
    steps = feature_steps(run_date, time_zone, settings)
    return Query("SELECT * FROM {features}", TABLES, steps, answers=FEATURE_COLUMNS)


def models_query() -> Query:
    """All fits so far."""
    return Query("SELECT * FROM {models} ORDER BY run_date, cluster_id", {"models": MODELS})


def count_query(features: Table) -> Query:
    """How many customers show a behaviour."""
    return Query("SELECT count(*) AS n FROM {features}", {"features": features}, answers="n BIGINT")


def customers_query(features: Table, most: int) -> Query:
    """The first so many customers by id, for a fit here."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM {{features}} ORDER BY customer_id LIMIT {most:d}"
    return Query(sql, {"features": features}, answers=FEATURE_COLUMNS)


def assigned_query(features: Table, names: Table, model: Model, run_date: date) -> Query:
    """The rows of gold.behaviour_clusters."""
    sql = f"""
        SELECT a.customer_id, n.cluster_id, n.cluster, coalesce(b.since, DATE '{run_date}') AS since, a.distance,
               a.margin, {", ".join(f"a.{name}" for name in FEATURES)}
        FROM {{assigned}} a JOIN {{names}} n ON a.place = n.place
        LEFT JOIN {{before}} b ON a.customer_id = b.customer_id AND n.cluster_id = b.cluster_id
             AND b.since < DATE '{run_date}'"""
    tables: dict[str, Table] = {"features": features, "names": names, "before": CLUSTERS}
    return Query(sql, tables, assigned_steps(model.scales, model.centres, model.clip_at), answers=CLUSTERS)


def empty(lake: Lake, table: str) -> pa.Table:
    """No rows, by the table's contract."""
    return rs_tables.arrow_schema(lake.contracts[table]).empty_table()
