"""`lakehouse explain contact CUSTOMER [--on D]`: why was this customer written to, and why not."""

from datetime import date
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import rows
from lakehouse.ops.history import History
from lakehouse.sql.literal import literal

ORDER = ("chosen", "held_out", "outbid", "no_capacity", "no_value", "cool_down", "not_allowed")


def explain(conf: Conf, customer_id: str, on: date | None = None) -> list[str]:
    """Sentences: the night, what was sent, and each candidate that was not, with the rule that decided.

    Args:
        customer_id: an id of now or of that night, or an account's; decisions under former ids of the same accounts
            count.
        on: the business day of the night; None for the last that decided anything about the customer.

    Raises:
        ConfigError: the customer is not known, or there was no such night.
    """
    decisions = of_customer(conf, customer_id)
    nights = sorted({row["run_date"] for row in decisions})
    night = on or (nights[-1] if nights else None)
    tonight = sorted((row for row in decisions if row["run_date"] == night), key=_place)
    if not tonight:
        return not_meant(conf, customer_id, nights, on)
    chosen = [row for row in tonight if row["outcome"] == "chosen"]
    head = f"{len(chosen)} message" if chosen else "no message"
    return [
        f"Night of {night}: {head} to {customer_id}, {len(tonight)} candidate{'' if len(tonight) == 1 else 's'}",
        *map(sentence, tonight),
    ]


def not_meant(conf: Conf, customer_id: str, nights: list[date], on: date | None) -> list[str]:
    """Sentences about a customer whom no message was about: how they might have been written to.

    Args:
        nights: that decided something about the customer.
        on: the night that is asked about; None for the last.

    Raises:
        ConfigError: nobody has the id, or there was no such night.
    """
    every = History(conf.profile.path(conf.profile.lake)).nights()
    if on and on not in every:
        raise ConfigError(f"there was no night of {on}", "--on", f"the last are {', '.join(map(str, every[-5:]))}")
    if not nights and not _accounts(conf, customer_id):
        what = f"no night has decided about '{customer_id}', and no customer of now has this id"
        raise ConfigError(what, "explain contact", "'lakehouse explain customer ID' knows every id ever given")
    night = on or every[-1]
    told = [f"Night of {night}: no message to {customer_id}: no audience, trigger or offer was about them"]
    if nights:
        told.append(f"  there were candidates on {', '.join(map(str, nights[-5:]))}")
    ways = rows(conf, _WAYS.format(of=_customer_sql(customer_id)), on)
    told += [
        f"  {way['purpose']} by {way['channel']}: {way['rule'].replace('_', ' ')}: {way['reason']}" for way in ways
    ]
    return told if ways else [*told, "  no channel of contact_policy.yaml reaches them"]


_WAYS = """SELECT purpose, channel, rule, reason FROM activation.contactability WHERE customer_id IN ({of})
           ORDER BY purpose, channel"""


def _accounts(conf: Conf, customer_id: str) -> list[dict[str, Any]]:
    return rows(
        conf, f"SELECT customer_id FROM identity.customer_map WHERE customer_id IN ({_customer_sql(customer_id)})"
    )


def _customer_sql(customer_id: str) -> str:
    """The customer of an id, or of an account's."""
    one = literal(customer_id)
    return f"SELECT {one} UNION ALL SELECT customer_id FROM identity.customer_map WHERE account_id = {one}"


def of_customer(conf: Conf, customer_id: str) -> list[dict[str, Any]]:
    """All decisions about a customer, under ids of their accounts, too."""
    one = literal(customer_id)
    return rows(
        conf,
        f"""SELECT d.* FROM activation.decisions d WHERE d.customer_id = {one} OR d.account_id IN (
            SELECT account_id FROM identity.customer_map WHERE customer_id IN ({_customer_sql(customer_id)}))""",
    )


def sentence(row: dict[str, Any]) -> str:
    """One candidate, and the rule that decided."""
    about = f" about {row['occasion']}" if row["occasion"] else ""
    by = f" by {row['channel']}" if row["channel"] != "none" else ""
    when = f"; to be sent from {row['send_from']:%Y-%m-%d %H:%M} UTC" if row["send_from"] else ""
    what = f"{row['kind']} {row['name']} (version {row['version']}, {row['purpose']}){about}{by}"
    return f"  {row['outcome']:<12} {what}: {row['reason']}{when}"


def _place(row: dict[str, Any]) -> tuple[int, Any, str]:
    return ORDER.index(row["outcome"]), -row["expected_value"], row["name"]


def run(conf: Conf, customer_id: str, on: date | None) -> int:
    """Print the sentences."""
    print("\n".join(explain(conf, customer_id.strip(), on)))
    return 0
