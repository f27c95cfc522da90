"""Each channel's own account keys. They are derived, and must not give the answer away.

Accounts of a channel get a running number in the order of a keyed hash of their record, so neither the number
nor the row order says anything about the person. The key in that channel's own form is made of that number.
"""

import re
import uuid
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import pandas as pd

KEY = b"customer-lakehouse sample company"
NUMBERED = {"pos": "LC{:08}", "lead_list": "L{:06}", "web_leads": "W{:06}", "delivery": "D{:06}"}
SHOP = uuid.uuid5(uuid.NAMESPACE_DNS, "eshop.sample-company.example")


def keyed_hashes(purpose: str, texts: Iterable[str]) -> np.ndarray:
    """One 63-bit number per text, the same in every run; `purpose` keeps uses of one text apart."""
    prefix = purpose.encode() + b"|"
    digests = (blake2b(prefix + text.encode(), key=KEY, digest_size=8).digest() for text in texts)
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64) >> np.uint64(1)


def running_numbers(channel: pd.Series, record_id: pd.Series) -> pd.Series:
    """1, 2, 3 ... within each channel, in the order of the keyed hash of channel and record."""
    hashes = pd.Series(keyed_hashes("account", channel + "|" + record_id), index=channel.index)
    return hashes.groupby(channel).rank(method="first").astype("int64")


def channel_key(channel: str, number: int, given_name: str, surname: str) -> str:
    """The key of account `number` of `channel`, in that channel's form; only e-mail uses the names."""
    match channel:
        case "eshop":
            return str(uuid.uuid5(SHOP, str(number)))
        case "email":
            return email_address(number, given_name, surname)
        case "phone":
            return phone_number(number)
        case "app":
            return blake2b(f"device|{number}".encode(), key=KEY, digest_size=16).hexdigest()
        case "erp":
            return f"K-{10_000 + number}"
    return NUMBERED[channel].format(number)


def email_address(number: int, given_name: str, surname: str) -> str:
    """name.surname17@mail.example, from the record's own spelling."""
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in (given_name, surname)]
    return f"{'.'.join(name for name in names if name) or 'member'}{number}@mail.example"


def phone_number(number: int) -> str:
    """An Australian mobile number, 041 and 7 digits."""
    return number_of_line("041", number, digits=7)


def number_of_line(prefix: str, number: int, digits: int = 8) -> str:
    """A telephone number; the factor is prime, so no two of a prefix are alike."""
    return f"{prefix}{(number * 7_368_787 + 1_234_567) % 10**digits:0{digits}d}"
