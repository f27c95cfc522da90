"""Gold: what each customer is expected to buy, by BG/NBD and Gamma-Gamma fitted each night.

Reads   gold.customer_order_days, identity.customer_map
Writes  gold.customer_value, one row per customer with an order;
        gold.customer_value_models, one row per night and model: parameters, time unit, log-likelihood, counts
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.customer_days import TABLES
from jobs.gold.value.bg_nbd import BgNbdFit, PurchaseGroups, fit_bg_nbd
from jobs.gold.value.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from jobs.gold.value.value_facts import GROUP, purchase_groups, spend_groups, value_facts_sql, with_group_times
from jobs.gold.value.value_model import score_groups
from jobs.lake import Lake

READS = ("gold.customer_order_days", "identity.customer_map")
WRITES = ("gold.customer_value", "gold.customer_value_models")
AGES = True
CONF = "customer_value"

SCORES = ("p_alive", "expected_orders_90d", "expected_orders_365d", "discounted_orders_365d")


@dataclass(frozen=True)
class Settings:
    """conf/customer_value.yaml, which says what each key means."""

    min_repeat_customers: int
    annual_discount_rate: float
    gross_margin_share: float
    max_groups: int


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Fit both models on tonight's customers, score them, and keep the fits."""
    customers = lake.row_count("identity.customer_map")
    facts = lake.keep(value_facts_sql(run_date), TABLES, customers)

    def ask(sql: str) -> pa.Table:
        return lake.fetch(sql, {"facts": facts})

    groups, days_per_bucket = purchase_groups(ask, settings.max_groups)
    orders = fit_bg_nbd(groups, settings.min_repeat_customers)
    spend = fit_gamma_gamma(spend_groups(ask, settings.max_groups), settings.min_repeat_customers)
    scores = group_scores(orders, groups, settings.annual_discount_rate)
    scored = lake.select(scored_sql(days_per_bucket), {"facts": facts, "scores": scores}, customers)
    for note in (orders.reason, spend.reason):
        if note:
            lake.note(WRITES[0], note)
    lake.publish(WRITES[0], customer_value(scored, spend, settings), run_date)
    models = model_rows(run_date, orders, spend, lake.profile.reporting_currency, days_per_bucket)
    few = lake.for_rows(len(models))
    few.publish(WRITES[1], few.spark.createDataFrame(models, lake.contracts[WRITES[1]].schema()), run_date)


def group_scores(fit: BgNbdFit, groups: PurchaseGroups, annual_discount_rate: float) -> pa.Table:
    """The model's figures of each distinct group: GROUP and SCORES, NULL where there is no fit."""
    figures = asdict(score_groups(fit, groups, annual_discount_rate))
    columns = {"frequency": pa.array(groups.frequency.astype(np.int32)), "group_t_x": pa.array(groups.t_x),
               "group_t": pa.array(groups.t)}  # fmt: skip
    return pa.table(columns | {name: pa.array(figures[name], from_pandas=True) for name in SCORES})


def scored_sql(days_per_bucket: int) -> str:
    """Each customer with their group's figures, as a query for both engines over {facts} and {scores}."""
    same = " AND ".join(f"f.{name} = s.{name}" for name in GROUP)
    figures = ", ".join(f"s.{name}" for name in SCORES)
    timed = with_group_times("{facts}", days_per_bucket)
    return f"SELECT f.*, {figures} FROM ({timed}) f LEFT JOIN {{scores}} s ON {same}"


def customer_value(scored: DataFrame, spend: GammaGammaFit, settings: Settings) -> DataFrame:
    """Money for orders.

    Args:
        scored: customer_id, frequency, t_x_days, t_days, later_cents and the SCORES.
    Returns:
        The columns of gold.customer_value; money is rounded to the minor unit, NULL where a model did not fit.
    """
    per_order = spend_per_order(spend)
    mean_spend = F.try_divide(F.col("later_cents").cast("decimal(20,2)"), F.col("frequency") * 100)
    return scored.select(
        "customer_id",
        "frequency",
        "t_x_days",
        "t_days",
        mean_spend.cast("decimal(18,2)").alias("mean_spend"),
        "p_alive",
        "expected_orders_90d",
        (F.col("expected_orders_365d") * per_order).cast("decimal(18,2)").alias("expected_spend_365d"),
        (F.col("discounted_orders_365d") * per_order * F.lit(settings.gross_margin_share))
        .cast("decimal(18,2)")
        .alias("clv_365d"),
    )


def spend_per_order(fit: GammaGammaFit) -> Column:
    """`gamma_gamma.expected_spend` as a column over frequency and later_cents; NULL without a fit."""
    if fit.parameters is None:
        return F.lit(None).cast("double")
    p, q, v = fit.parameters
    newcomer = p * v / (q - 1.0) if q > 1.0 else fit.mean_spend
    spent = F.greatest(F.col("later_cents"), F.lit(0)) / F.lit(100.0)
    shape = F.greatest(F.lit(p) * F.col("frequency") + F.lit(q - 1.0), F.lit(p / 2))
    return F.when(F.col("frequency") > 0, F.lit(p) * (F.lit(v) + spent) / shape).otherwise(F.lit(newcomer))


def model_rows(
    run_date: date, orders: BgNbdFit, spend: GammaGammaFit, currency: str, days_per_bucket: int
) -> list[dict[str, Any]]:
    """The two fits as rows of gold.customer_value_models."""
    coarse = "" if days_per_bucket == 1 else f"times in buckets of {days_per_bucket} days; "
    shared = {"run_date": run_date, "time_unit": "day", "money_unit": currency}
    return [
        {**shared, "model": "bg_nbd", **fit_columns(orders), "note": coarse + orders.reason},
        {**shared, "model": "gamma_gamma", **fit_columns(spend), "note": spend.reason},
    ]


def fit_columns(fit: BgNbdFit | GammaGammaFit) -> dict[str, Any]:
    """What both models have to tell."""
    return {
        "parameters": finite(fit.parameters._asdict() if fit.parameters else {}),
        "standard_errors": finite(fit.standard_errors._asdict() if fit.standard_errors else {}),
        "log_likelihood": fit.log_likelihood,
        "customer_count": fit.customers,
        "group_count": fit.groups,
        "passes": fit.passes,
        "is_converged": fit.converged,
    }


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Without the numbers that do not exist, as the error of a parameter at its limit."""
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}
