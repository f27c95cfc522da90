"""What a night keeps of its fits: one row per cohort and model that stood for it, and one for spend per order."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.gold.value.choice import EVERYBODY, Choice
from jobs.gold.value.gamma_gamma import GammaGammaFit
from jobs.gold.value.learned import Learned
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.shop_time import EVEN

Rows = list[dict[str, Any]]


def order_rows(chosen: Mapping[str, Choice], fits: Mapping[str, OrderFit | None], cut: date, run_date: date) -> Rows:
    """The fit in force of each cohort, to run_date, and beside it those that lost, as they were fitted to the cut."""
    rows: Rows = []
    for cohort, fit in fits.items():
        stood = chosen[cohort].candidates if cohort in chosen else []
        held_out = {candidate.fit.model: candidate.held_out for candidate in stood}
        if fit is not None:
            rows.append(
                {
                    "cohort": cohort,
                    "is_chosen": True,
                    "fitted_to": run_date,
                    **fit_columns(fit),
                    "held_out_log_likelihood": held_out.get(fit.model),
                }
            )
        rows += [
            {
                "cohort": cohort,
                "is_chosen": False,
                "fitted_to": cut,
                **fit_columns(candidate.fit),
                "held_out_log_likelihood": candidate.held_out,
            }
            for candidate in stood
            if fit is None or candidate.fit.model != fit.model
        ]
    return rows


def spend_row(fit: GammaGammaFit, learned: Learned, run_date: date) -> dict[str, Any]:
    """The fit of spend per order, the test of what it assumes, and what the holdout taught."""
    taught = {
        "order_pull": learned.orders.power,
        "spend_pull": learned.spend.power,
        "order_drift": learned.order_drift,
        "spend_drift": learned.spend_drift,
        "order_cover": learned.order_cover,
        "spend_cover": learned.spend_cover,
        "order_claim": learned.order_claim,
        "spend_claim": learned.spend_claim,
        "order_level": learned.order_level,
        "first_order_weight": fit.first_weight,
        **season_columns(learned.season),
    }
    return {
        "cohort": EVERYBODY,
        "model": "gamma_gamma",
        "is_chosen": True,
        "fitted_to": run_date,
        "parameters": named(fit.parameters),
        "standard_errors": named(fit.standard_errors),
        "log_likelihood": fit.log_likelihood,
        "customer_count": fit.customers,
        "group_count": fit.groups,
        "passes": fit.passes,
        "start_count": 1,
        "agreeing_start_count": 1,
        "is_converged": fit.converged,
        "spend_frequency_correlation": fit.correlation,
        "correlation_p_value": fit.correlation_p_value,
        "learned": finite(taught),
        "note": fit.note,
    }


def season_columns(index: tuple[float, ...]) -> dict[str, float]:
    """season_01a to season_12b: how much a day of each half-month counts; nothing where all count alike."""
    names = (f"season_{month:02d}{half}" for month in range(1, 13) for half in "ab")
    return {} if index == EVEN else dict(zip(names, index, strict=True))


def fit_columns(fit: OrderFit) -> dict[str, Any]:
    """What every model of orders has to tell."""
    return {
        "model": fit.model,
        "parameters": named(fit.parameters),
        "standard_errors": named(fit.standard_errors),
        "log_likelihood": fit.log_likelihood,
        "customer_count": fit.customers,
        "group_count": fit.groups,
        "passes": fit.passes,
        "start_count": fit.starts,
        "agreeing_start_count": fit.agreeing_starts,
        "is_converged": fit.converged,
        "learned": {},
        "note": fit.reason,
    }


def named(parameters: Any | None) -> dict[str, float]:
    """By name, without the numbers that do not exist, as the error of a parameter at its limit."""
    return finite(parameters._asdict()) if parameters else {}


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Only real numbers."""
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}


def model_table(rows: Rows, schema: pa.Schema) -> pa.Table:
    """The rows in the columns of the contract."""
    columns = {
        field.name: pa.array(
            [list(row[field.name].items()) if pa.types.is_map(field.type) else row.get(field.name) for row in rows],
            field.type,
        )
        for field in schema
    }
    return pa.table(columns, schema=schema)
