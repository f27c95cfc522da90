"""Who the customers and prospects are, as each channel wrote them down: a file per channel and delivery."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from lakehouse.sample.calendar import delivery_days
from lakehouse.sample.files import DropZone, FileForm, csv_bytes, json_lines, write_parts
from lakehouse.sample.keys import keyed_hashes

SECONDS_A_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class AccountExport:
    """What one channel exports: the column of its key, the fields it knows of a person, the form of its file."""

    export: str
    channel: str
    key: str
    fields: tuple[str, ...]
    extension: str
    encode: Callable[[pd.DataFrame], bytes]


NAMES = ("given_name", "surname")
ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
EXPORTS = (
    AccountExport("pos_cards", "pos", "card_no", (*NAMES, "postcode", "date_of_birth"), ".csv", csv_bytes),
    AccountExport("eshop_accounts", "eshop", "account_uuid", (*NAMES, *ADDRESS), ".jsonl", json_lines),
    AccountExport(
        "email_subscribers",
        "email",
        "address",
        (*NAMES, "postcode", "state", "consent", "consent_at"),
        ".csv",
        csv_bytes,
    ),
    AccountExport(
        "app_profiles", "app", "device_hash", ("given_name", "date_of_birth", "postcode"), ".jsonl", json_lines
    ),
    AccountExport(
        "call_contacts",
        "phone",
        "phone",
        ("surname", "suburb", "state", "date_of_birth", "street_number"),
        ".csv",
        partial(csv_bytes, delimiter=";"),
    ),
    # as Excel saves it: byte order mark and CRLF
    AccountExport(
        "erp_customers",
        "erp",
        "customer_no",
        (*NAMES, *ADDRESS, "date_of_birth", "soc_sec_id"),
        ".csv",
        partial(csv_bytes, encoding="utf-8-sig", line_end="\r\n"),
    ),
    AccountExport("lead_list", "lead_list", "lead_id", (*NAMES, *ADDRESS), ".csv", partial(csv_bytes, quote_all=True)),
    AccountExport(
        "web_leads", "web_leads", "lead_id", (*NAMES, "date_of_birth", "postcode", "suburb"), ".jsonl", json_lines
    ),
    AccountExport(
        "delivery_contacts",
        "delivery",
        "contact_no",
        ("company", *NAMES, "phone", "email", *ADDRESS),
        ".csv",
        csv_bytes,
    ),
)


def write_accounts(zone: DropZone, everyone: pd.DataFrame) -> None:
    """One file per export and delivery day with the accounts new by then, in the order of their numbers."""
    for form in EXPORTS:
        rows = everyone[everyone["channel"] == form.channel].reset_index(drop=True)
        days = delivery_days(rows["arrived_on"].to_numpy())
        if form.channel == "email":
            rows = with_consent(rows)
        frame = rows[["channel_key", *form.fields]].rename(columns={"channel_key": form.key})
        labels = np.datetime_as_string(days)
        write_parts(zone, form.export, frame, days, labels, FileForm(form.extension, form.encode))


def with_consent(subscribers: pd.DataFrame) -> pd.DataFrame:
    """Derived: 70 % yes, 20 % no, 10 % never asked, given within the 300 days before the account arrived."""
    share = keyed_hashes("consent", subscribers["record_id"]) % 100
    consent = np.select([share < 70, share < 90], ["yes", "no"], "")
    seconds = keyed_hashes("consent time", subscribers["record_id"]) % (300 * SECONDS_A_DAY)
    given = subscribers["arrived_on"].to_numpy().astype("datetime64[s]") - seconds.astype("timedelta64[s]")
    text = np.char.add(np.datetime_as_string(given, unit="s"), "Z")
    return subscribers.assign(consent=consent, consent_at=np.where(consent == "", "", text))
