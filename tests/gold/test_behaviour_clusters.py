"""gold.behaviour_clusters and gold.behaviour_cluster_models."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from jobs.gold import behaviour_clusters
from jobs.gold.behaviour.choosing import Candidate, adjusted_rand, candidates, chosen, distances, silhouette
from jobs.gold.behaviour.cluster_log import log_fit
from jobs.gold.behaviour.features import TABLES, feature_steps, minute_of_day
from jobs.gold.behaviour.fitting import fit, read_model
from jobs.gold.behaviour.kmeans import k_means, nearest
from jobs.gold.behaviour.model import assigned_steps, scaled_points, scaled_sql
from jobs.gold.behaviour.naming import Known, given_names, identities
from jobs.gold.behaviour.spark_lane import spark_centres
from jobs.gold.behaviour.words import plain
from jobs.gold.settings.behaviour_clusters import FEATURES, Settings
from lakehouse.config.layers import Conf
from lakehouse.mlflow_store import connected
from tests.both_engines import stepwise_answers, stepwise_duckdb_answer

AS_OF = date(2026, 6, 30)
SETTINGS = Conf().settings("behaviour_clusters", Settings)
PLANTED = {  # three ways to buy: share of discounts, departments, orders in 30 days, spend per order
    "price-sensitive": (0.5, 8, 3, 20),
    "experience-driven": (0.05, 20, 3, 40),
    "top-up": (0.2, 8, 12, 40),
}


def blobs(count=600, seed=1, apart=6.0):
    """Points around three centres, and which."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    centres = apart * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 1]])
    return centres[labels] + random.normal(size=(count, 3)), labels


def planted(count=600, seed=2):
    """Customers of the PLANTED ways, in the order of their ids, and which way each goes."""
    random = np.random.default_rng(seed)
    kinds = np.array(list(PLANTED.values()))[np.arange(count) % 3]
    columns = {name: np.full(count, 0.1) for name in FEATURES}
    names = ("discount_share", "department_count", "orders_per_30d", "spend_per_order")
    for at, name in enumerate(names):
        columns[name] = kinds[:, at] * np.exp(random.normal(0, 0.1, count))
    columns["items_per_order"] = np.where(np.arange(count) % 3 == 2, 3, 12) * np.exp(random.normal(0, 0.1, count))
    ids = [f"c{i:05}" for i in range(count)]
    return pa.table({"customer_id": ids, **columns}), np.arange(count) % 3


def test_k_means_finds_groups_that_are_apart_and_the_same_again():
    points, labels = blobs()

    found = k_means(points, 3, seed=1)

    assert adjusted_rand(found.labels, labels) == 1.0
    again = k_means(points, 3, seed=1)
    assert (again.centres == found.centres).all()
    assert found.inertia == pytest.approx(((points - found.centres[found.labels]) ** 2).sum())


def test_k_means_of_equal_points_and_of_a_point_each():
    assert k_means(np.zeros((20, 2)), 3, seed=1).inertia == 0
    assert k_means(np.arange(8.0).reshape(4, 2), 4, seed=1).inertia == 0


def test_adjusted_rand_is_the_published_one():
    # Hubert and Arabie's index of these two: (2 - 2/3) / (3.5 - 2/3) by hand
    assert adjusted_rand(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])) == pytest.approx(
        0.2424242, abs=1e-6
    )
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([5, 5, 2, 2])) == 1.0


def test_silhouettes_are_those_of_the_definition():
    points, labels = blobs(60)

    slow = []
    for i, point in enumerate(points):
        apart = np.linalg.norm(points - point, axis=1)
        a = apart[(labels == labels[i]) & (np.arange(60) != i)].mean()
        b = min(apart[labels == other].mean() for other in range(3) if other != labels[i])
        slow.append((b - a) / max(a, b))
    assert silhouette(distances(points), labels) == pytest.approx(np.mean(slow), abs=1e-6)


def test_the_number_of_clusters_is_the_one_of_the_groups_that_are_there():
    points, _ = blobs()

    found = candidates(points, (2, 3, 4, 5, 6), rounds=3, seed=1)

    best = chosen(found, min_stability=0.7)
    assert (best.cluster_count, round(best.stability, 2)) == (3, 1.0)


def test_without_a_stable_number_the_most_stable_one_is_taken():
    found = [Candidate(3, 0.2, 0.5), Candidate(4, 0.4, 0.3)]

    assert chosen(found, 0.7).cluster_count == 3
    assert chosen(found, 0.2).cluster_count == 4


def test_planted_ways_to_buy_are_found_and_named_in_words():
    customers, kinds = planted()

    model, rows = fit(customers, AS_OF, SETTINGS, [], 1)

    named = {row["cluster"]: row for row in rows.to_pylist()}
    assert set(named) == set(PLANTED)
    assert named["price-sensitive"]["profile"].startswith(
        "spend per order 20.1 against 33.4 (-1.4 sd); discount share 0.5"
    )
    values = {name: customers.column(name).to_numpy() for name in FEATURES}
    labels = nearest(scaled_points(model.scales, values, model.clip_at), model.centres)
    assert adjusted_rand(labels, kinds) == 1.0


def test_the_next_fit_keeps_ids_and_names_and_its_rows_read_back_are_the_model():
    first, rows = fit(planted(seed=2)[0], AS_OF, SETTINGS, [], 1)
    again = read_model(rows.to_pylist())
    assert {i.name: i.cluster_id for i in again.identities} == {i.name: i.cluster_id for i in first.identities}

    other, other_rows = fit(planted(seed=9)[0], AS_OF + timedelta(days=7), SETTINGS, rows.to_pylist(), 4)

    assert {i.name: i.cluster_id for i in other.identities} == {i.name: i.cluster_id for i in first.identities}
    assert not any(other_rows["is_new"].to_pylist())


def test_clusters_are_matched_by_the_least_sum_of_distances_and_far_ones_are_new():
    known = [Known(1, "near", np.array([0.0, 0.0])), Known(2, "far", np.array([3.0, 0.0]))]

    found = identities(
        np.array([[2.9, 0.0], [0.2, 0.0], [0.0, 9.0]]), [{"discount_share": 2.0}] * 3, known, 7, 1.5, SETTINGS.words
    )

    assert [(i.cluster_id, i.name) for i in found] == [(2, "far"), (1, "near"), (7, "high discount share")]
    assert found[2].moved is None


def test_a_name_is_given_once_to_who_fits_it_best_and_others_tell_their_strongest_feature():
    words = {"cheap": {"discount_share": 0.5}}
    found = given_names(
        {
            0: {"discount_share": 1.0},
            1: {"discount_share": 2.0},
            2: {"discount_share": 0.1},
            3: {"discount_share": 0.2},
        },
        words,
        set(),
    )

    assert found == {0: "high discount share", 1: "cheap", 2: "average", 3: "average 2"}


def test_both_engines_scale_and_put_customers_to_the_centres_that_numpy_says(spark):
    customers, _ = planted(60)
    model, _ = fit(customers, AS_OF, SETTINGS.replace(min_customers=30), [], 1)
    unknown = [None if i == 7 else v for i, v in enumerate(customers["department_count"].to_pylist())]
    at = customers.column_names.index("department_count")
    customers = customers.set_column(at, "department_count", pa.array(unknown, pa.float64()))
    steps = assigned_steps(model.scales, model.centres, model.clip_at)

    found = stepwise_answers(
        spark, "SELECT customer_id, place, distance, margin FROM {assigned}", steps, features=customers
    )

    values = {name: customers.column(name).to_numpy(zero_copy_only=False).astype(float) for name in FEATURES}
    points = scaled_points(model.scales, values, model.clip_at)
    assert [row[1] for row in found] == nearest(points, model.centres).tolist()
    apart = np.sort(np.linalg.norm(points[:, None] - model.centres[None], axis=2), axis=1)
    assert [row[2] for row in found] == pytest.approx(apart[:, 0].tolist(), abs=1e-5)
    assert [row[3] for row in found] == pytest.approx((1 - apart[:, 0] / apart[:, 1]).tolist(), abs=1e-5)


def test_spark_ml_finds_the_clusters_that_numpy_finds(spark):
    points, labels = blobs(300)
    frame = spark.createDataFrame(pa.table({f"z{i}": points[:, i] for i in range(3)}))

    centres = spark_centres(frame, ["z0", "z1", "z2"], 3, seed=4)

    assert centres == pytest.approx(k_means(points, 3, seed=1).centres, abs=1e-6)
    assert adjusted_rand(nearest(points, centres), labels) == 1.0


LINES = {
    "order_id": pa.string(),
    "account_id": pa.string(),
    "order_date": pa.date32(),
    "product_id": pa.string(),
    "sales_cents": pa.int64(),
    "discount_cents": pa.int64(),
    "coupon_cents": pa.int64(),
}
ORDERS = {
    "account_id": pa.string(),
    "channel": pa.string(),
    "ordered_at": pa.timestamp("us", "UTC"),
    "order_date": pa.date32(),
    "order_type": pa.string(),
}


def small(columns, rows):
    return pa.table({name: pa.array([r[i] for r in rows], kind) for i, (name, kind) in enumerate(columns.items())})


def test_features_are_shares_and_averages_of_the_window_and_bad_facts_stay_within_them(spark):
    saturday, monday = date(2026, 6, 27), date(2026, 6, 29)
    lines = [
        ("o1", "web:1", saturday, "p1", 800, 200, 50),
        ("o1", "web:1", saturday, "p2", 200, None, None),
        ("o2", "pos:1", monday, "p1", 0, 0, 0),
        ("o3", "pos:1", monday, "p1", -500, 0, 0),  # nothing, a refund
        ("o0", "pos:1", date(2020, 1, 1), "p2", 99_999, 0, 0),
        ("o9", "pos:9", monday, None, 0, 0, 0),
    ]
    orders = [
        ("web:1", "eshop", datetime(2026, 6, 27, 16, 30), saturday, "sale"),  # 18:30 in Berlin
        ("pos:1", "pos", datetime(2026, 6, 29, 9, 0), monday, "sale"),
        ("pos:1", "pos", datetime(2026, 6, 29, 9, 5), monday, "refund"),
        *[("pos:9", "pos", datetime(2026, 6, 29, 9, 0), monday, "sale")] * 2,
        ("pos:8", "pos", datetime(2026, 6, 29, 9, 0), monday, "sale"),
        ("pos:7", "pos", datetime(2026, 6, 29, 9, 0), monday, "refund"),
    ]
    owners = pa.table(
        {"account_id": ["web:1", "pos:1", "pos:9", "pos:8", "pos:7"], "customer_id": ["c1", "c1", "c9", "c8", "c7"]}
    )
    products = pa.table({"product_id": ["p1", "p2"], "department": ["MEAT", "DELI"], "brand": ["Private", None]})

    steps = feature_steps(AS_OF, "Europe/Berlin", SETTINGS.replace(min_order_count=2, private_label=("Private",)))
    found = stepwise_answers(
        spark,
        "SELECT * FROM {features}",
        steps,
        order_lines=small(LINES, lines),
        orders=small(ORDERS, orders),
        products=products,
        customer_map=owners,
    )

    rows = {row[0]: dict(zip(FEATURES, row[1:], strict=True)) for row in found}
    assert set(rows) == {"c1", "c9"}  # one order, and none but a refund, show no behaviour
    assert rows["c1"] == {
        "discount_share": pytest.approx(200 / 1200),
        "coupon_share": pytest.approx(50 / 1200),
        "private_label_share": 1.0,
        "online_share": 0.5,
        "evening_share": 0.5,
        "weekend_share": 0.5,
        "refund_share": pytest.approx(1 / 3),
        "items_per_order": 1.5,
        "spend_per_order": 5.0,
        "orders_per_30d": 2.0,
        "department_count": 2.0,
    }
    zero_spend = rows["c9"]
    assert zero_spend["discount_share"] is None
    assert zero_spend["private_label_share"] is None
    assert zero_spend["department_count"] is None


def test_the_clock_is_that_of_the_business_on_both_sides_of_a_change_to_summer_time():
    instants = [datetime(2026, 3, 28, 16, 30), datetime(2026, 3, 30, 16, 30), datetime(2026, 3, 29, 22, 45)]
    sql = f"SELECT {minute_of_day('t', 'Europe/Berlin', date(2026, 3, 1), date(2026, 4, 1))} FROM {{times}}"

    found = stepwise_duckdb_answer(sql, times=pa.table({"t": pa.array(instants, pa.timestamp("us", "UTC"))}))

    assert sorted(row[0] for row in found) == [45, 17 * 60 + 30, 18 * 60 + 30]


@pytest.mark.parametrize(
    "change",
    [{"words": {"odd": {"shoe_size": 1.0}}}, {"cluster_counts": (1,)}, {"words": {"odd": {"discount_share": 0.0}}}],
)
def test_settings_that_mean_nothing_are_refused(change):
    with pytest.raises(ValidationError):
        SETTINGS.replace(**change)


def test_nights_fit_weekly_keep_names_and_say_how_many_customers_are_needed(spark, lake):
    for name, rows in shop(80).items():
        lake.publish(TABLES[name], filled(lake, TABLES[name], rows), AS_OF)

    def night(day, **settings):
        view = lake.for_job("gold.behaviour_clusters", "h")
        behaviour_clusters.run(view, day, SETTINGS.replace(min_customers=30, cluster_counts=(2, 3), **settings))
        models = view.read("gold.behaviour_cluster_models", view.version("gold.behaviour_cluster_models")).collect()
        rows = view.read("gold.behaviour_clusters", view.version("gold.behaviour_clusters")).collect()
        return (
            view.notes,
            sorted({m.run_date for m in models}),
            sorted((r.customer_id, r.cluster, r.since) for r in rows),
        )

    notes, fits, rows = night(AS_OF, min_order_count=50)
    assert (fits, rows) == ([], [])
    assert "clusters need 30" in notes[0]
    notes, fits, first = night(AS_OF)
    assert notes == []
    assert (fits, len(first)) == ([AS_OF], 80)
    assert night(AS_OF)[1:] == ([AS_OF], first)
    next_day = AS_OF + timedelta(days=1)
    _, fits, second = night(next_day)
    assert (fits, second) == ([AS_OF], first)
    week_later = AS_OF + timedelta(days=7)
    _, fits, third = night(week_later)
    assert fits == [AS_OF, week_later]
    assert {name for _, name, _ in third} == {name for _, name, _ in first}


def shop(customers):
    """Every other customer buys at a discount, the others much at the full price."""
    orders, lines, owners = [], [], []
    for c in range(customers):
        account, kind = f"pos:{c}", c % 2
        owners.append(
            {
                "account_id": account,
                "channel": "pos",
                "customer_id": f"c{c:024x}",
                "match_rule": "alone",
                "is_lead": False,
                "arrived_on": AS_OF,
            }
        )
        for n in range(4 + c % 3):
            day = AS_OF - timedelta(days=10 * n + c % 5)
            orders.append(
                {
                    "order_id": f"pos:{c}-{n}",
                    "account_id": account,
                    "channel": "pos",
                    "order_date": day,
                    "ordered_at": datetime(day.year, day.month, day.day, 12),
                    "order_type": "sale",
                    "currency": "EUR",
                    "total_original_cents": 500,
                    "total_cents": 500,
                }
            )
            lines += [
                {
                    "order_id": f"pos:{c}-{n}",
                    "line_number": i,
                    "account_id": account,
                    "channel": "pos",
                    "order_date": day,
                    "product_id": f"p{i % 2}",
                    "sales_cents": 500 - 200 * kind + c,
                    "discount_cents": 200 * kind,
                    "coupon_cents": 0,
                }
                for i in range(2 + 4 * (1 - kind))
            ]
    products = [{"product_id": f"p{i}", "department": f"d{i}"} for i in range(2)]
    return {"orders": orders, "order_lines": lines, "products": products, "customer_map": owners}


def filled(lake, table, rows):
    """Rows of a table with what its contract asks for besides."""
    known = {
        "_export": "x",
        "_source_file": "f",
        "_source_line": 1,
        "_run_date": AS_OF,
        "quality_flags": [],
        "is_guest": False,
    }
    schema = lake.contracts[table].schema()
    return lake.spark.createDataFrame([tuple({**known, **row}.get(f.name) for f in schema) for row in rows], schema)


def test_a_fit_is_logged_without_customers(tmp_path):
    _, rows = fit(planted()[0], AS_OF, SETTINGS, [], 1)

    log_fit(f"sqlite:///{tmp_path}/mlflow.db", rows.to_pylist(), SETTINGS, {"silver.orders": 3})

    mlflow = connected(f"sqlite:///{tmp_path}/mlflow.db")
    (run,) = mlflow.search_runs(experiment_names=["behaviour_clusters"], output_format="list")
    assert run.data.params["chosen_cluster_count"] == "3"
    assert run.data.metrics["silhouette"] > 0.5
    assert run.data.tags["delta_version.silver.orders"] == "3"
    text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/profiles.md")
    assert "experience-driven" in text
    assert "c00001" not in text


def test_one_way_to_buy_makes_no_clusters():
    customers, _ = planted(60)
    alike = pa.table({"customer_id": customers["customer_id"], **{name: np.full(60, 0.3) for name in FEATURES}})

    assert fit(alike, AS_OF, SETTINGS, [], 1) is None


def test_a_share_that_hardly_varies_sets_nobody_apart():
    customers, _ = planted()
    few = 0.001 * np.random.default_rng(1).random(customers.num_rows)
    at = customers.column_names.index("online_share")
    customers = customers.set_column(at, "online_share", pa.array(few))

    model, _ = fit(customers, AS_OF, SETTINGS, [], 1)

    assert "online_share" not in {scale.feature for scale in model.scales}


def test_the_scaled_query_names_every_feature_of_the_model():
    model, _ = fit(planted()[0], AS_OF, SETTINGS, [], 1)

    assert all(f"z{n}" in scaled_sql(model.scales, model.clip_at) for n in range(len(model.scales)))


def test_a_number_halfway_between_two_is_written_alike_whatever_its_last_bit_is():
    assert plain(17.8021875, 6) == plain(17.802187499999995, 6) == plain(17.802187500000002, 6)
    assert plain(0.0004) == 0.0
