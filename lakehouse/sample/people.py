"""Who has an account where: every record of FEBRL 1, 3 and 4 becomes one account of one channel.

A person's records, original first, go to the till (every fifth person: the shop), the other of the two, then
e-mail, phone, app and ERP. Prospects have one record in the bought list and one in the web form. The delivery service
has contacts of its own (homes.py).
"""

import numpy as np
import pandas as pd

from lakehouse.sample import homes
from lakehouse.sample.keys import channel_key, running_numbers
from lakehouse.sample.sources import Sources

AFTER_TILL_AND_SHOP = ("email", "phone", "app", "erp")


def accounts(sources: Sources) -> pd.DataFrame:
    """All accounts: person_id, household_id (0: never bought), channel, channel_key, record_id, FEBRL fields.

    Contacts of the delivery service have phone, email, company, home_id and kind, too.
    """
    customers = with_household(with_channel(sources.people), sources.households)
    prospects = [
        frame.assign(channel=channel, household_id=0)
        for channel, frame in (("lead_list", sources.bought_list), ("web_leads", sources.web_form))
    ]
    delivered = homes.contacts(sources)
    return with_channel_key(pd.concat([customers, *prospects, delivered], ignore_index=True))


def with_channel(people: pd.DataFrame) -> pd.DataFrame:
    """Adds person_index (0, 1, ... in the given order) and the channel that has the record."""
    person_index = people.groupby("person_id", sort=False).ngroup()
    position = people.groupby("person_id", sort=False).cumcount()
    shop_first = person_index % 5 == 0
    later = np.array(["", "", *AFTER_TILL_AND_SHOP])[position.clip(upper=5)]
    in_shop = shop_first ^ (position == 1)
    return people.assign(
        person_index=person_index,
        channel=np.where(position >= 2, later, np.where(in_shop, "eshop", "pos")),
    )


def with_household(people: pd.DataFrame, households: np.ndarray) -> pd.DataFrame:
    """Household i is person i; the people after the last household have accounts and no purchases (0)."""
    padded = np.zeros(int(people["person_index"].max()) + 1, dtype="int64")
    padded[: len(households)] = households
    return people.assign(household_id=padded[people["person_index"]]).drop(columns="person_index")


def with_channel_key(records: pd.DataFrame) -> pd.DataFrame:
    """Adds channel_key and puts each channel's accounts in the order of their running numbers."""
    numbers = running_numbers(records["channel"], records["record_id"])
    columns = (records["channel"], numbers, records["given_name"], records["surname"])
    keys = [channel_key(*account) for account in zip(*columns, strict=True)]
    keyed = records.assign(number=numbers, channel_key=keys)
    return keyed.sort_values(["channel", "number"], ignore_index=True).drop(columns="number")


def keys_of(everyone: pd.DataFrame, channel: str) -> pd.Series:
    """channel_key by household_id, for the households with an account in `channel`."""
    buyers = everyone[(everyone["channel"] == channel) & (everyone["household_id"] > 0)]
    return buyers.set_index("household_id")["channel_key"]


def first_key(households: pd.Series, everyone: pd.DataFrame, channels: tuple[str, ...]) -> pd.DataFrame:
    """Channel and channel_key of each household's account in the first of `channels` where it has one."""
    channel = pd.Series("", index=households.index)
    key = pd.Series(pd.NA, index=households.index, dtype=object)
    for candidate in channels:
        candidate_key = households.map(keys_of(everyone, candidate)).where(key.isna())
        channel = channel.mask(candidate_key.notna(), candidate)
        key = pd.Series(np.where(key.isna(), candidate_key.astype(object), key), index=households.index, dtype=object)
    return pd.DataFrame({"channel": channel, "channel_key": key})
