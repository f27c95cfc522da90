"""The watch over the models of what a company lands: drift of tonight's rows, performance as their labels come in."""

from datetime import date

import pandas as pd

from jobs.models.landed import serving
from jobs.models.landed.serving import Serving
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import landed, store
from lakehouse.modelling.watching import Row, Watch, demoted, measured
from lakehouse.sql.query import Query

FIRST_ROWS = 50_000
TABLES = {
    "leads": "gold.lead_scores",
    "risk": "gold.risk_scores",
    "opportunities": "gold.opportunity_scores",
    "maintenance": "gold.maintenance_reminders",
}


def health(lake: Lake, run_date: date, before: list[Row], table: str) -> list[Row]:
    """Tonight's rows of every model that scores; what hinders one was said where it scores.

    Args:
        before: last night's rows.
    """
    rows: list[Row] = []
    for purpose, scores in TABLES.items():
        models = serving.of_purpose(lake.conf, purpose)
        served = {row["model"] for row in lake.fetch(served_query(scores)).to_pylist()} if models else set()
        for model in (one for one in models if one.model in served):
            found = serving.serving(lake, run_date, model)
            if not isinstance(found, str):
                rows += _of_one(lake, run_date, found, [row for row in before if row["model"] == model.model], table)
    return rows


def served_query(scores: str) -> Query:
    """The models that scored tonight."""
    sql = "SELECT DISTINCT model FROM {scores}"
    return Query(sql, {"scores": scores}, answers="model STRING")


def _of_one(lake: Lake, run_date: date, of: Serving, before: list[Row], table: str) -> list[Row]:
    watch = Watch(of.model, store.of_models(lake.conf, of_lake(lake)), of.version.number, run_date, before)
    matured = newest_labelled(of)
    rows = measured(watch, of.rows.head(FIRST_ROWS), matured)
    if sentence := demoted(watch, rows, matured):
        lake.note(table, sentence)
    return rows


def newest_labelled(of: Serving) -> pd.DataFrame:
    """Rows of the newest as-of date whose labels are known; none where the rows have no dates."""
    frame, name = of.examples.frame, of.model.examples.as_of
    if not name or not pd.api.types.is_datetime64_any_dtype(frame[name]) or of.model.label.kind != "binary":
        return frame.head(0)
    known = frame[landed.labels(of.model, frame).notna()]
    newest: pd.DataFrame = known[known[name] == known[name].max()].head(FIRST_ROWS)
    return newest
