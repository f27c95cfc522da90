"""Who is left alone on purpose: a salted hash decides, so that a retry, a replay and a merge keep the answer.

A customer_id is a keyed hash of the founding account and outlives merges; hashed once more with a salt it gives a
number that knows nothing of the customer. Source: Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments
(2020), chapter 4, for assignment by hash.
"""

import hashlib

from lakehouse.sql.literal import in_query_literal

DIGITS = 8  # hexadecimal digits of the hash that are compared: shares to within 1 in 4 billion


def threshold(share: float) -> str:
    """The hash's digits below which a customer is held out; above all digits for a share of 1."""
    return "g" if share >= 1 else f"{int(share * 16**DIGITS):0{DIGITS}x}"


def is_held_out(salt: str, name: str, customer_id: str, share: float) -> bool:
    """Whether a customer is held out of what `name` says ("" for everything)."""
    digest = hashlib.md5(f"{salt}|{name}|{customer_id}".encode(), usedforsecurity=False).hexdigest()
    return digest[:DIGITS] < threshold(share)


def held_out_sql(salt: str, name: str, share: float, customer_id: str) -> str:
    """The same as a condition for both engines over a column with the customer's id."""
    text = f"concat({in_query_literal(f'{salt}|{name}|')}, {customer_id})"
    return f"(substring(md5({text}), 1, {DIGITS}) < '{threshold(share)}')"
