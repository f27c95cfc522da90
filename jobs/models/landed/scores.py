"""Tonight's scores of a purpose as a table: the columns that its contract has, of all that can be said of a score."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.models.landed.serving import Serving, lines_query, of_purpose, servings
from jobs.models.settings.churn import as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.modelling import answers, landed, scorer
from lakehouse.modelling.preparation import level_texts, numbers
from lakehouse.sql.literal import in_query_listed
from lakehouse.sql.query import Query

CUSTOMERS = "SELECT account_id, customer_id FROM {customer_map} WHERE channel IN (%s)"


def publish(lake: Lake, run_date: date, purpose: str, table: str) -> None:
    """Score every model of a purpose into its table."""
    as_of, contract = as_of_morning(run_date), lake.contracts[table]
    parts = [rows_of(lake, one, as_of, table) for one in servings(lake, run_date, purpose, table)]
    rows = [row for part in parts for row in part]
    lake.publish(table, pa.Table.from_pylist(rows, arrow_schema(contract)), run_date)


def queries(conf: Conf, purpose: str) -> Iterator[Query]:
    """All queries of a purpose's job."""
    yield from lines_queries(conf, purpose)
    models = of_purpose(conf, purpose)
    yield from (customers_query([one.serving.account_channel]) for one in models if one.serving.account_channel)


def lines_queries(conf: Conf, purpose: str) -> Iterator[Query]:
    """The tables that a purpose's models are of."""
    yield from (lines_query(model) for model in of_purpose(conf, purpose) if model.examples.table)


def rows_of(lake: Lake, of: Serving, as_of: date, table: str) -> list[dict[str, Any]]:
    """One model's rows; columns that the contract does not have fall away."""
    if not len(of.rows):
        lake.note(table, f"{of.model.model} has nothing to score: every row's label is known")
        return []
    made = scored(of, as_of)
    made["customer_id"] = customer_ids(lake, of, made["subject"])
    names = [column.name for column in lake.contracts[table].columns]
    if "planned_on" in names:  # reminders are of what is due
        made = made[made["is_due"]]
    kept = made.reindex(columns=names).astype(object)
    return [
        {str(key): value for key, value in row.items()} for row in kept.where(kept.notna(), None).to_dict("records")
    ]


def scored(of: Serving, as_of: date) -> pd.DataFrame:
    """All that can be said of each row: answer, rank, tenth, money, plan, reasons in words and by name."""
    model, frame = of.model, of.rows
    champion = scorer.load(of.version.folder)
    made = answers.answered(model, champion, frame)
    reasons = [str(name) for name in made.columns if str(name).startswith("reason_")]
    made[reasons] = made[reasons].where(made[reasons] != "", None)
    rows = made[["rank", *reasons]].assign(
        model=model.model,
        subject=landed.subject_texts(model, frame).to_numpy(),
        as_of=level_texts(frame[model.examples.as_of]).to_numpy() if model.examples.as_of else None,
        scored_as_of=as_of,
        model_version=of.version.number,
        data_versions=json.dumps(of.examples.versions) if of.examples.versions else None,
    )
    rows["decile"] = 1 + (rows["rank"] - 1) * 10 // len(rows)
    for name in ("probability", "predicted"):
        rows[name] = made[name].to_numpy() if name in made else np.nan
    rows = rows.assign(**_money(of, rows["probability"].to_numpy(dtype="float64")))
    return _planned(of, rows, made, as_of)


def _money(of: Serving, probability: np.ndarray[Any, Any]) -> dict[str, Any]:
    """amount, expected_amount (what is at stake, times its chance), expected_value (what acting brings)."""
    model = of.model
    amount = numbers(of.rows[model.serving.amount]) if model.serving.amount else np.full(len(of.rows), np.nan)
    brings = np.where(np.isnan(amount), np.nan, amount)
    costs = 0.0
    if model.money is not None:
        brings, costs = np.where(np.isnan(brings), model.money.positive_brings, brings), model.money.contact_costs
    made = {"amount": amount, "expected_amount": probability * amount, "expected_value": probability * brings - costs}
    return {name: _decimals(values) for name, values in made.items()}


def _decimals(values: np.ndarray[Any, Any]) -> list[Any]:
    return [None if np.isnan(value) else Decimal(f"{value:.2f}") for value in values]


def _planned(of: Serving, rows: pd.DataFrame, made: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """is_due, due_on, planned_on and is_in_time; is_within_capacity: among the first that a night can act on."""
    rows = rows.sort_values(["rank", "subject"], kind="stable")
    made = made.loc[rows.index]
    capacity = of.model.serving.capacity_per_night or len(rows)
    place = np.arange(len(rows))
    is_worth = [value is None or value > 0 for value in rows["expected_value"]]
    rows["is_within_capacity"] = (np.cumsum(is_worth) <= capacity) & is_worth
    rows["is_due"] = made["is_due"].to_numpy() if "is_due" in made else rows["probability"].to_numpy() >= 0.5
    days = np.maximum(rows["predicted"].to_numpy(dtype="float64"), 0)
    rows["due_on"] = [None if np.isnan(one) else as_of + timedelta(days=int(one)) for one in days]
    rows["planned_on"] = [as_of + timedelta(days=int(one)) for one in place // capacity]
    pairs = zip(rows["planned_on"], rows["due_on"], strict=True)
    rows["is_in_time"] = [None if due is None else planned <= due for planned, due in pairs]
    return rows


def customer_ids(lake: Lake, of: Serving, subjects: Iterable[str]) -> list[str | None]:
    """Our customer behind each subject, where the YAML says of which channel it is an account."""
    channel = of.model.serving.account_channel
    if not channel:
        return [None for _ in subjects]
    known = lake.fetch(customers_query([channel])).to_pylist()
    by_account = {row["account_id"]: row["customer_id"] for row in known}
    return [by_account.get(f"{channel}:{subject}") for subject in subjects]


def customers_query(channels: list[str]) -> Query:
    """The customers of some channels' accounts."""
    answers_with = "account_id STRING, customer_id STRING"
    return Query(CUSTOMERS % in_query_listed(channels), {"customer_map": "identity.customer_map"}, answers=answers_with)
