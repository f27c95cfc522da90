"""Campaign sends, app events and demographics, each under the key its system happens to have."""

import numpy as np
import pandas as pd

from lakehouse.sample.calendar import delivery_days, periods
from lakehouse.sample.files import DropZone, FileForm, csv_bytes, gzipped, json_lines, write_parts
from lakehouse.sample.people import first_key

CHINESE = {
    "channel": "渠道",
    "channel_key": "账户",
    "age": "年龄段",
    "income": "收入",
    "home_ownership": "住房",
    "marital_status": "婚姻状况",
    "household_size": "家庭人数",
    "household_comp": "家庭构成",
    "kids_count": "子女数",
}
CHINESE_CHANNELS = {"pos": "门店", "eshop": "网店"}


def write_email_sends(zone: DropZone, sends: pd.DataFrame) -> None:
    """email_sends_<month or day>.csv, by the campaign's start."""
    frame = pd.DataFrame(
        {
            "subscriber_key": sends["channel_key"],
            "campaign_id": sends["campaign_id"],
            "campaign_type": sends["campaign_type"],
            "start_date": sends["start_date"].dt.strftime("%Y-%m-%d"),
            "end_date": sends["end_date"].dt.strftime("%Y-%m-%d"),
        }
    )
    day = sends["day"].to_numpy()
    write_parts(zone, "email_sends", frame, delivery_days(day), periods(day), FileForm(".csv", csv_bytes))


def write_app_events(zone: DropZone, redemptions: pd.DataFrame) -> None:
    """app_events_<month or day>.jsonl.gz: the coupons redeemed."""
    frame = pd.DataFrame(
        {
            "profile_key": redemptions["channel_key"],
            "event": "coupon_redeemed",
            "coupon_upc": redemptions["coupon_upc"],
            "campaign_id": redemptions["campaign_id"],
            "time": redemptions["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    day = redemptions["day"].to_numpy()
    write_parts(zone, "app_events", frame, delivery_days(day), periods(day), FileForm(".jsonl.gz", gzipped_json_lines))


def write_demographics(zone: DropZone, demographics: pd.DataFrame, everyone: pd.DataFrame) -> None:
    """crm_demographics_<day>.csv in GB18030, under the household's card, else its shop account."""
    rows = demographics.reset_index(drop=True)
    rows = rows.join(first_key(rows["household_id"], everyone, ("pos", "eshop")))
    arrived = everyone.set_index("channel_key")["arrived_on"]
    rows = rows.sort_values(["channel", "channel_key"], ignore_index=True)
    days = delivery_days(rows["channel_key"].map(arrived).to_numpy())
    named = rows.assign(channel=rows["channel"].map(CHINESE_CHANNELS))[list(CHINESE)].rename(columns=CHINESE)
    write_parts(zone, "crm_demographics", named, days, np.datetime_as_string(days), FileForm(".csv", gb18030_csv))


def gb18030_csv(frame: pd.DataFrame) -> bytes:
    """As a Chinese system exports it."""
    return csv_bytes(frame, encoding="gb18030")


def gzipped_json_lines(frame: pd.DataFrame) -> bytes:
    """JSON lines in gzip."""
    return gzipped(json_lines(frame))
