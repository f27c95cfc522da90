"""Campaign sends and coupon redemptions: real households, campaigns, coupons and dates under derived keys."""

import pandas as pd

from lakehouse.sample.keys import keyed_hashes
from lakehouse.sample.people import first_key
from lakehouse.sample.sources import Sources

SECONDS_A_DAY = 24 * 60 * 60


def sends(sources: Sources, everyone: pd.DataFrame) -> pd.DataFrame:
    """One row per campaign and household: its e-mail address where it has one, else its card or shop account.

    Returns: household_id, channel, channel_key, campaign_id, campaign_type, start_date, end_date, day (start).
    """
    rows = sources.campaigns.merge(sources.campaign_descriptions.to_pandas(), on="campaign_id", how="left")
    rows = rows.join(first_key(rows["household_id"], everyone, ("email", "pos", "eshop")))
    rows = rows.assign(day=rows["start_date"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"))
    return rows.sort_values(["day", "campaign_id", "channel_key"], ignore_index=True)


def redemptions(sources: Sources, everyone: pd.DataFrame) -> pd.DataFrame:
    """One row per redeemed coupon: the app profile where there is one, else the card or shop account.

    Returns: household_id, channel, channel_key, coupon_upc, campaign_id, time (within the real day), day.
    """
    rows = sources.redemptions.reset_index(drop=True)
    rows = rows.join(first_key(rows["household_id"], everyone, ("app", "pos", "eshop")))
    what = rows["household_id"].astype(str) + "|" + rows["coupon_upc"].astype(str)
    texts = what + "|" + rows["campaign_id"].astype(str) + "|" + rows["redemption_date"].astype(str)
    second = (keyed_hashes("redemption time", texts) % SECONDS_A_DAY).astype("timedelta64[s]")
    day = rows["redemption_date"].to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    rows = rows.assign(day=day, time=day + second)
    return rows.sort_values(["time", "channel_key", "coupon_upc"], ignore_index=True)
