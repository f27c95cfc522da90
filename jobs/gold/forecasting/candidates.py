"""The models that may forecast a weekly series, by statsforecast."""

import warnings
from typing import Any

import numpy as np

MOVING_WEEKS = 8
COMBINED, NAIVE, SEASONAL_NAIVE = "combined", "last_week", "last_year"
PARTS_OF_COMBINED = ("smoothing", "aggregated", "mean_of_8_weeks")


def candidates(weeks: int, season: int) -> dict[str, Any]:
    """Models by name that so many weeks are enough for.

    last_week and last_year repeat what was; mean_of_8_weeks and smoothing (simple exponential, its weight fitted) look
    at the level; aggregated is for sparse sales (Petropoulos and Kourentzes, J. of the Operational Research Society
    2015); theta knows the trend and the year (Fiorucci et al., Int. J. of Forecasting 2016). Theta without a year
    was tried on three sets: thirty times the work of smoothing, and no better.
    """
    from statsforecast import models as m  # 4 s

    known = {
        NAIVE: m.Naive(alias=NAIVE),
        "mean_of_8_weeks": m.WindowAverage(MOVING_WEEKS, alias="mean_of_8_weeks"),
        "smoothing": m.SimpleExponentialSmoothingOptimized(alias="smoothing"),
        "aggregated": m.IMAPA(alias="aggregated"),
    }
    if weeks >= season:
        known[SEASONAL_NAIVE] = m.SeasonalNaive(season, alias=SEASONAL_NAIVE)
    if weeks >= 2 * season:
        known["theta"] = m.DynamicTheta(season_length=season, alias="theta")
    return known


def forecasts(sales: np.ndarray, horizon: int, season: int) -> dict[str, np.ndarray]:
    """What each model expects of the next weeks.

    Args:
        sales: series x weeks; NaN before a series' first sale.
        horizon: weeks ahead.
        season: weeks of a year.

    Returns:
        per model series x weeks ahead, nothing below 0; 0 for a series without any sale so far. A model that cannot
        take a series (too short) gives its last week.
    """
    from statsforecast import StatsForecast

    models = candidates(sales.shape[1], season)
    has_begun = np.isfinite(sales)
    begun = has_begun.any(axis=1)
    by_model = {name: np.zeros((len(sales), horizon)) for name in models}
    if begun.any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of optimisers that end at a limit
            engine = StatsForecast(models=list(models.values()), freq=1, fallback_model=_fallback())
            answer = engine.forecast(df=_long(sales, has_begun), h=horizon)
        for name in models:
            by_series = answer[name].to_numpy(float).reshape(-1, horizon)
            last = answer[NAIVE].to_numpy(float).reshape(-1, horizon)  # where a series is too short for the model
            by_model[name][begun] = np.maximum(np.where(np.isfinite(by_series), by_series, last), 0.0)
    by_model[COMBINED] = np.mean([by_model[part] for part in PARTS_OF_COMBINED], axis=0)
    return by_model


def _fallback() -> Any:
    from statsforecast.models import Naive

    return Naive()


def _long(sales: np.ndarray, has_begun: np.ndarray) -> Any:
    import pandas as pd

    rows, weeks = np.nonzero(has_begun)
    return pd.DataFrame({"unique_id": rows, "ds": weeks, "y": sales[rows, weeks]})


def from_first_sale(sales: np.ndarray) -> np.ndarray:
    """Series x weeks with NaN in place of the zeros before each series' first sale: it was not on the shelf yet."""
    not_yet = np.cumsum(np.abs(sales), axis=1) == 0
    return np.where(not_yet, np.nan, sales)
