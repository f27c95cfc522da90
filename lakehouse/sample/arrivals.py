"""The day each account first shows: with its household's first basket or contact in that channel.

An account that its household never uses comes with the household's first trace anywhere. People without
purchases and leads are spread over the days of the year by a keyed hash.
"""

import numpy as np
import pandas as pd

from lakehouse.sample.calendar import FIRST_DAY, LAST_DELIVERY
from lakehouse.sample.keys import keyed_hashes
from lakehouse.sample.purchases import Purchases

ALL_DAYS = (LAST_DELIVERY - FIRST_DAY).days + 1


def with_arrival(everyone: pd.DataFrame, bought: dict[str, Purchases], contacts: list[pd.DataFrame]) -> pd.DataFrame:
    """Adds `arrived_on` (datetime64[s], at midnight); `contacts` have channel_key and day."""
    first_use = first_days(bought, contacts)
    own = everyone["channel_key"].map(first_use).astype("datetime64[s]")  # also where nobody was seen
    household = everyone["household_id"].where(everyone["household_id"] > 0)
    anywhere = own.groupby(household).transform("min")
    return everyone.assign(arrived_on=own.fillna(anywhere).fillna(spread_days(everyone)))


def first_days(bought: dict[str, Purchases], contacts: list[pd.DataFrame]) -> pd.Series:
    """The first day of each channel_key that any event carries (no two channels share a key)."""
    baskets = [
        pd.DataFrame({"channel_key": part.lines["channel_key"].to_numpy(), "day": part.day.astype("datetime64[s]")})
        for part in bought.values()
    ]
    events = pd.concat([*baskets, *(frame[["channel_key", "day"]] for frame in contacts)], ignore_index=True)
    return events.groupby("channel_key")["day"].min()


def spread_days(everyone: pd.DataFrame) -> pd.Series:
    """A day of the sample's year by the keyed hash of the record."""
    offset = keyed_hashes("arrival", everyone["channel"] + "|" + everyone["record_id"]) % ALL_DAYS
    days = np.datetime64(FIRST_DAY) + offset.astype("timedelta64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=everyone.index)
