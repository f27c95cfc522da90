"""The last fit, as the lake keeps it."""

import json
from datetime import date

import numpy as np

from jobs.gold.recommending.ranker import Ranker, stand_in
from jobs.gold.recommending.serving import Model
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

NEWEST = "SELECT fitted_on, ranker FROM {models} WHERE fitted_on <= DATE '%s' ORDER BY fitted_on DESC LIMIT 1"
FACTORS = "SELECT item, factors FROM {items} ORDER BY item"


def newest_query(run_date: date) -> Query:
    """The ranker of the newest fit up to a night."""
    return Query(NEWEST % run_date, {"models": "gold.recommendation_models"}, answers="fitted_on DATE, ranker STRING")


def factors_query() -> Query:
    """The factors of every item."""
    return Query(FACTORS, {"items": "gold.recommendation_items"}, answers="item STRING, factors STRING")


def last_model(lake: Lake, run_date: date) -> Model:
    """The newest fit up to a night; without one nothing is known of taste, and declared weights rank."""
    rows = lake.fetch(newest_query(run_date)).to_pylist()
    items = lake.fetch(factors_query())
    factors = np.array([json.loads(text) for text in items["factors"].to_pylist()], float)
    if not rows:
        return Model(None, [], np.empty((0, 0)), stand_in())
    return Model(rows[0]["fitted_on"], items["item"].to_pylist(), factors, Ranker.from_json(rows[0]["ranker"]))
