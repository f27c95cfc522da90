"""The days of the sample: one first delivery with all history, then a delivery each night."""

from datetime import date, timedelta

import numpy as np

FIRST_DAY = date(2017, 1, 1)
FIRST_DELIVERY = date(2017, 9, 30)
LAST_DELIVERY = date(2018, 1, 1)
NIGHTS = (LAST_DELIVERY - FIRST_DELIVERY).days + 1


def last_delivery(nights: int) -> date:
    """The day of delivery number `nights`, where the first delivery is number 1.

    Raises:
        ValueError: the sample has no such night.
    """
    if not 1 <= nights <= NIGHTS:
        raise ValueError(f"the sample has 1 to {NIGHTS} nights, not {nights}")
    return FIRST_DELIVERY + timedelta(days=nights - 1)


def delivery_days(day: np.ndarray) -> np.ndarray:
    """When lines of that day are delivered: the same day, or with the history."""
    delivered: np.ndarray = np.maximum(day.astype("datetime64[D]"), np.datetime64(FIRST_DELIVERY))
    return delivered


def periods(day: np.ndarray) -> np.ndarray:
    """What a file of events covers: the month within the history, the day after it."""
    days = day.astype("datetime64[D]")
    in_history = days <= np.datetime64(FIRST_DELIVERY)
    return np.where(in_history, np.datetime_as_string(days, unit="M"), np.datetime_as_string(days))
