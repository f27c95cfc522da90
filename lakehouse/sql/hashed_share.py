"""Who is held out, and who is in which arm: a salted hash decides, so that retries, replays and merges keep the answer.

A customer_id is a keyed hash of the founding account and outlives merges; hashed once more with a salt it gives a
number that knows nothing of the customer. Source: Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments
(2020), chapter 4, for assignment by hash.
"""

import hashlib
from collections.abc import Mapping

from lakehouse.sql.literal import in_query_literal

DIGITS = 8  # hexadecimal digits of the hash that are compared: shares to within 1 in 4 billion


def threshold(share: float) -> str:
    """The hash's digits below which a customer is held out; above all digits for a share of 1."""
    return "g" if share > 1 - 1e-9 else f"{round(share * 16**DIGITS):0{DIGITS}x}"


def is_held_out(salt: str, name: str, customer_id: str, share: float) -> bool:
    """Whether a customer is held out of what `name` says ("" for everything)."""
    digest = hashlib.md5(f"{salt}|{name}|{customer_id}".encode(), usedforsecurity=False).hexdigest()
    return digest[:DIGITS] < threshold(share)


def held_out_sql(salt: str, name: str, share: float, customer_id: str) -> str:
    """The same as a condition for both engines over a column with the customer's id."""
    text = f"concat({in_query_literal(f'{salt}|{name}|')}, {customer_id})"
    return f"(substring(md5({text}), 1, {DIGITS}) < '{threshold(share)}')"


def arm_sql(salt: str, name: str, arms: Mapping[str, float], customer_id: str) -> str:
    """Which arm a customer is in, NULL for none: one hash, cut at the running sum of the shares."""
    text = f"concat({in_query_literal(f'{salt}|{name}|')}, {customer_id})"
    cuts, so_far = [], 0.0
    for arm, share in arms.items():
        so_far += share
        digits = f"substring(md5({text}), 1, {DIGITS})"
        cuts.append(f"WHEN {digits} < '{threshold(min(so_far, 1.0))}' THEN {in_query_literal(arm)}")
    return f"CASE {' '.join(cuts)} END"
