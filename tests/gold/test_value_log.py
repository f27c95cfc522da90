"""What a choice of models leaves in MLflow, and that nights between choices keep to it."""

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from lifetimes.datasets import load_cdnow_summary

from jobs.gold import customer_value
from jobs.gold.settings.customer_value import Settings
from jobs.gold.value.bg_nbd import BgNbd
from jobs.gold.value.choice import EVERYBODY
from jobs.gold.value.current_models import current_models
from jobs.gold.value.figures import Figure, instants
from jobs.gold.value.forecast import alive_at, moments
from jobs.gold.value.gamma_gamma import GammaGamma
from jobs.gold.value.pareto_nbd import ParetoNbd
from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.shop_time import HALF_MONTHS, ShopTime, scaled
from jobs.gold.value.value_log import MODEL_NAME, seasonal_lengths
from jobs.gold.value.value_pyfunc import ValueModel, alive_and_orders
from lakehouse.config.layers import Conf
from lakehouse.mlflow_store import ALIAS, connected, tracking_uri
from tests.conftest import places
from tests.gold.memory_lake import MemoryLake

FIRST, SECOND = date(2026, 6, 30), date(2026, 7, 1)
VALUE, MODELS = customer_value.WRITES
SETTINGS = Conf().settings("customer_value", Settings)


def company(customers: int = 400) -> dict[str, pa.Table]:
    """Customers who buy at their own rate for a year until they stop."""
    rng = np.random.default_rng(4)
    rows = []
    for n in range(customers):
        gap, day, end = rng.gamma(3, 8), rng.integers(0, 60), rng.choice([200, 400])
        while day < end:
            rows.append((f"pos:{n}", date(2025, 7, 1) + timedelta(days=int(day)), int(rng.gamma(3, 800)) + 1))
            day += 1 + rng.exponential(gap)
    account, days, cents = zip(*sorted(set(rows)), strict=True)
    frame = pd.DataFrame({"account_id": account, "order_date": days, "spend_cents": cents})
    frame = frame.groupby(["account_id", "order_date"], as_index=False).sum()
    frame = frame.assign(channel="pos", order_count=1, refund_count=0, refund_cents=0, line_count=1)
    owners = pd.DataFrame({"account_id": sorted(set(account))}).assign(customer_id=lambda d: "c" + d.account_id)
    return {
        "customer_order_days": pa.Table.from_pandas(frame, preserve_index=False),
        "customer_map": pa.Table.from_pandas(owners, preserve_index=False),
    }


def after(lake: MemoryLake) -> dict[str, pa.Table]:
    """The tables of the night after, with what this one published."""
    return {**lake.tables, **{name.split(".")[1]: table for name, table in lake.published.items()}}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> MemoryLake:
    lake = MemoryLake(Conf(overrides=places(tmp_path_factory.mktemp("value"))), **company())
    customer_value.run(lake, FIRST, SETTINGS)
    return lake


def test_a_choice_of_models_is_one_run_with_tables_plots_and_the_registered_model(first):
    uri = tracking_uri(first.profile)
    store = connected(uri)
    (run,) = store.MlflowClient().search_runs([store.get_experiment_by_name(MODEL_NAME).experiment_id])
    folder = Path(store.artifacts.download_artifacts(run_id=run.info.run_id))

    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for name in ("by_frequency", "by_decile", "cumulative") for kind in ("csv", "png")
    }
    assert {"spend_error", "plain_spend_error", "spend_rank_correlation", "order_cover"} <= set(run.data.metrics)
    assert {"all.model", "all.r", "all.r_error", "spend.p", "time_unit"} <= set(run.data.params)
    assert store.MlflowClient().get_model_version_by_alias(MODEL_NAME, ALIAS).version == 1


def test_expected_orders_of_each_frequency_decile_and_week_are_near_the_actual_ones(first):
    store = connected(tracking_uri(first.profile))
    (run,) = store.MlflowClient().search_runs([store.get_experiment_by_name(MODEL_NAME).experiment_id])
    folder = Path(store.artifacts.download_artifacts(run_id=run.info.run_id))
    weeks, deciles = (pd.read_csv(folder / f"{name}.csv") for name in ("cumulative", "by_decile"))

    assert weeks.week.tolist() == list(range(1, 14))
    assert weeks.expected_orders.iloc[-1] == pytest.approx(weeks.actual_orders.iloc[-1], rel=0.2)
    assert deciles.customers.tolist() == [40] * 10
    assert deciles.expected_spend.is_monotonic_increasing


def test_the_registered_model_says_what_the_table_says_without_what_recent_weeks_add(first):
    version = connected(tracking_uri(first.profile)).pyfunc.load_model(f"models:/{MODEL_NAME}@{ALIAS}")
    value = first.published[VALUE].to_pandas().head(20)
    columns = ["frequency", "t_x_days", "t_days", "mean_spend"]

    said = version.predict(value[columns].astype(float))

    assert said.p_alive.to_numpy() == pytest.approx(value.p_alive.to_numpy(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd"])
def test_what_mlflow_serves_is_finite_where_nearly_nobody_leaves(model):
    parameters = BgNbd(0.9, 30.0, 5.0, 3e4)

    alive, orders = alive_and_orders(model, parameters._asdict(), 5.0, 200.0, 210.0)

    assert alive == pytest.approx(1.0, abs=1e-3)
    assert orders == pytest.approx((0.9 + 5) / (30 + 210) * 90, rel=1e-3)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_what_mlflow_serves_equals_what_a_night_computes(model):
    parameters = ParetoNbd(0.553, 10.578, 0.606, 11.67) if model == "pareto_nbd" else BgNbd(0.243, 4.414, 0.793, 2.426)
    rows = load_cdnow_summary(index_col=[0])[["frequency", "recency", "T"]].to_numpy()[:200]
    some = PurchaseGroups(*rows.T.astype(float), np.ones(200))

    served = np.array([alive_and_orders(model, parameters._asdict(), *row) for row in rows])

    assert served[:, 0] == pytest.approx(alive_at(model, parameters, some), rel=1e-6)
    ours = moments(model, parameters, some, instants((Figure("90d", 90.0),)))[0][:, 0]
    assert served[:, 1] == pytest.approx(ours, rel=1e-5)


def test_what_mlflow_serves_of_a_shop_with_seasons_is_in_the_shops_own_time(tmp_path):
    time = ShopTime(date(2026, 1, 15), scaled(np.where(np.arange(HALF_MONTHS) >= 20, 3.0, 1.0)))
    orders, spend = BgNbd(0.5, 40.0, 0.8, 2.5), GammaGamma(6.25, 3.74, 15.44)
    content = {"model": "bg_nbd", "orders": orders._asdict(), "spend": spend._asdict(), **seasonal_lengths(time)}
    (tmp_path / "models.json").write_text(json.dumps(content))
    served = ValueModel()
    served.load_context(SimpleNamespace(artifacts={"models": str(tmp_path / "models.json")}))
    days = PurchaseGroups(*np.array([[3.0, 0.0, 1.0], [100.0, 0.0, 7.0], [120.0, 30.0, 400.0], [1.0, 1.0, 1.0]]))

    columns = {"frequency": days.frequency, "t_x_days": days.t_x, "t_days": days.t, "mean_spend": [20.0, np.nan, 9.0]}
    rows = served.predict(None, pd.DataFrame(columns))

    own = time.of(days)
    alive = alive_at("bg_nbd", orders, own)
    ahead = moments("bg_nbd", orders, own, instants((Figure("90d", time.ahead(90.0)),)))[0][:, 0]
    assert rows.p_alive.to_numpy() == pytest.approx(alive, rel=1e-5)
    assert rows.expected_orders_90d.to_numpy() == pytest.approx(alive * ahead, rel=1e-5)
    newcomer = spend.p * spend.v / (spend.q - 1.0)
    assert rows.expected_spend_90d[1] == pytest.approx(rows.expected_orders_90d[1] * newcomer)


def test_a_night_within_the_week_keeps_to_the_choice_and_fits_anew(first):
    second = MemoryLake(**after(first))
    customer_value.run(second, SECOND, SETTINGS)
    before, now = (lake.published[MODELS].to_pandas() for lake in (first, second))

    assert set(now.chosen_on) == {FIRST}
    assert now.is_chosen.all()
    in_force = before[before.is_chosen]
    assert now[["cohort", "model"]].to_numpy().tolist() == in_force[["cohort", "model"]].to_numpy().tolist()
    assert now.learned.map(dict).iloc[-1] == before.learned.map(dict).iloc[-1]
    assert set(now.fitted_to) == {SECOND}


def test_after_a_week_and_under_other_code_models_are_chosen_anew(first):
    lake = MemoryLake(**after(first))

    in_force = current_models(lake, MODELS, FIRST + timedelta(days=6), last_days=7)

    assert in_force is not None
    assert (in_force.chosen_on, EVERYBODY in in_force.models) == (FIRST, True)
    assert current_models(lake, MODELS, FIRST + timedelta(days=7), last_days=7) is None
    assert current_models(lake, MODELS, FIRST, last_days=7) is None  # the same night again
    lake.is_current = lambda table: False
    assert current_models(lake, MODELS, SECOND, last_days=7) is None


def test_a_store_that_cannot_be_reached_costs_a_note_and_nothing_else(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database")
    lake = MemoryLake(Conf(overrides=places(tmp_path)), **company(80))

    customer_value.run(lake, FIRST, SETTINGS)

    assert lake.published[VALUE].num_rows == 80
    assert any("MLflow could not be reached" in note for note in lake.notes)
