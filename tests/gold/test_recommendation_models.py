"""The weekly fit and the nightly lists on a small lake: gold.recommendation_models and gold.recommendations."""

from datetime import timedelta

import pytest

from jobs.gold import recommendation_models, recommendations
from jobs.gold.recommending import fitting
from jobs.gold.settings.recommendations import Settings
from lakehouse.mlflow_store import connected, tracking_uri
from lakehouse.sql.query import Query
from tests.company import LAST, publish_company

MODELS = "SELECT fitted_on, is_learned, model_version, judged_as_of FROM {t} ORDER BY fitted_on"
LISTS = "SELECT customer_id, rank, item, score, reason FROM {t} ORDER BY customer_id, rank"


@pytest.fixture
def settings(conf) -> Settings:
    return conf.settings("recommendations", Settings)


def job(lake, module, run_date, settings):
    """Run a job with a view of its own, as a night does."""
    view = lake.for_job(module.__name__, "hash")
    module.run(view, run_date, settings)
    return view


def asked(lake, table, sql):
    return lake.for_job("asking", "hash").fetch(Query(sql, {"t": table})).to_pylist()


def test_without_orders_there_is_nothing_to_recommend_and_the_notes_say_why(lake, settings):
    fitted = job(lake, recommendation_models, LAST, settings)
    listed = job(lake, recommendations, LAST, settings)

    assert asked(lake, recommendations.WRITES, LISTS) == []
    assert "0 customers had bought" in fitted.notes[-1]
    assert "nothing to recommend" in listed.notes[-1]


def test_a_company_is_fitted_once_a_week_and_served_every_night(lake, settings):
    publish_company(lake, customers=80)

    job(lake, recommendation_models, LAST, settings)
    job(lake, recommendation_models, LAST + timedelta(days=6), settings)

    (first,) = asked(lake, recommendation_models.MODELS, MODELS)
    assert (first["fitted_on"], first["is_learned"], first["judged_as_of"]) == (LAST, True, LAST - timedelta(days=28))
    assert first["model_version"] == "1"
    found = asked(lake, recommendation_models.EVALUATION, "SELECT DISTINCT task, method FROM {t} ORDER BY task, method")
    assert {row["method"] for row in found} >= {"popularity", "popularity_not_bought", "last_basket", "als", "ranker"}
    client = connected(tracking_uri(lake.profile)).MlflowClient()
    version = client.get_model_version_by_alias("recommendation_ranker", "champion")
    metrics = client.get_run(version.run_id).data.metrics
    assert {"new.ranker.recall_at_10", "new.popularity.recall_at_10", "all.last_basket.ndcg_at_10"} <= set(metrics)

    job(lake, recommendations, LAST, settings)
    once = asked(lake, recommendations.WRITES, LISTS)
    job(lake, recommendations, LAST, settings)
    assert asked(lake, recommendations.WRITES, LISTS) == once  # a night done again
    assert len({row["customer_id"] for row in once}) == 80

    job(lake, recommendation_models, LAST + timedelta(days=7), settings)
    assert len(asked(lake, recommendation_models.MODELS, MODELS)) == 2


def test_of_many_lines_a_share_of_the_customers_is_learned_from_and_all_are_served(lake, settings, monkeypatch):
    """Half of the lines are enough here: half of the customers teach; of few customers all do."""
    publish_company(lake, customers=160)
    lines = asked(lake, "silver.order_lines", "SELECT count(*) AS n FROM {t}")[0]["n"]
    some = settings.replace(learning=settings.learning.replace(max_lines_learned=lines // 2 + 1))
    counted = "SELECT customer_count FROM {t} ORDER BY fitted_on"

    job(lake, recommendation_models, LAST, some)
    monkeypatch.setattr(fitting, "ENOUGH_ACCOUNTS", 50)
    job(lake, recommendation_models, LAST + timedelta(days=7), some)
    job(lake, recommendations, LAST + timedelta(days=7), some)

    every, half = [row["customer_count"] for row in asked(lake, recommendation_models.MODELS, counted)]
    assert (every, 60 < half < 100) == (160, True)
    assert len({row["customer_id"] for row in asked(lake, recommendations.WRITES, LISTS)}) == 160


def test_where_mlflow_cannot_be_reached_the_fit_stays_in_the_lake(lake, settings, monkeypatch):
    publish_company(lake, customers=60)

    def gone(*_args: object) -> str:
        raise ConnectionError("refused")

    monkeypatch.setattr("jobs.gold.recommending.model_log.log_and_register", gone)
    view = job(lake, recommendation_models, LAST, settings)

    (row,) = asked(lake, recommendation_models.MODELS, MODELS)
    assert (row["is_learned"], row["model_version"]) == (True, None)
    assert "MLflow could not be reached (ConnectionError)" in view.notes[-1]
