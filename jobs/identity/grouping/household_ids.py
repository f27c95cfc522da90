"""Ids of households in this process: as the query over Spark gives them, without its stages for a few thousand rows."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import date

import pyarrow as pa


def households_in_memory(components: pa.Table, before: pa.Table, secret: str, run_date: date) -> pa.Table:
    """household_id, customer_id, member_count, as `households` says which id a household has.

    Args:
        components: account_id (here a customer's), component.
        before: household_id, customer_id of last night.
    """
    members = dict(zip(components["account_id"].to_pylist(), components["component"].to_pylist(), strict=True))
    known = dict(zip(before["customer_id"].to_pylist(), before["household_id"].to_pylist(), strict=True))
    sizes, kept, taken = Counter(members.values()), _kept(members, known), {*known.values()}
    ids = {component: kept.get(component) or _new_id(component, taken, secret, run_date) for component in sizes}
    fields = [("household_id", pa.string()), ("customer_id", pa.string()), ("member_count", pa.int32())]
    columns = [[ids[c] for c in members.values()], [*members], [sizes[c] for c in members.values()]]
    return pa.table([pa.array(v, kind) for v, (_, kind) in zip(columns, fields, strict=True)], schema=pa.schema(fields))


def _kept(members: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Component -> the id that it keeps: an id goes on where most of its members are, of several the larger."""
    stayed = Counter((component, known[customer]) for customer, component in members.items() if customer in known)
    entitled: dict[str, tuple[int, str]] = {}  # id -> where most of its members are
    for (component, household), count in stayed.items():
        entitled[household] = min(entitled.get(household, (0, "")), (-count, component))
    kept: dict[str, tuple[int, str]] = {}
    for household, (less, component) in entitled.items():
        kept[component] = min(kept.get(component, (0, "")), (less, household))
    return {component: household for component, (_, household) in kept.items()}


def _new_id(component: str, taken: set[str], secret: str, run_date: date) -> str:
    """A keyed hash of the first customer, and of the day where that customer founded another household before."""
    text = f"{secret}|household|{component}"
    first = _hashed(text)
    return _hashed(f"{text}|{run_date}") if first in taken else first


def _hashed(text: str) -> str:
    return f"h{hashlib.sha256(text.encode()).hexdigest()[:24]}"
