"""`lakehouse explain contact CUSTOMER [--on D]`: why was this customer written to, and why not."""

from datetime import date
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import rows
from lakehouse.sql.literal import literal

ORDER = ("chosen", "held_out", "outbid", "no_capacity", "no_value", "cool_down", "not_allowed")


def explain(conf: Conf, customer_id: str, on: date | None = None) -> list[str]:
    """Sentences: the night, what was sent, and each candidate that was not, with the rule that decided.

    Args:
        customer_id: an id of now or of that night; decisions under former ids of the same accounts count.
        on: the business day of the night; None for the last that decided anything about the customer.

    Raises:
        ConfigError: no decision of that night, or of any, is about this customer.
    """
    decisions = of_customer(conf, customer_id)
    nights = sorted({row["run_date"] for row in decisions})
    if not nights:
        raise ConfigError(f"no night has decided about '{customer_id}'", "explain contact", "give an id of now")
    night = on or nights[-1]
    tonight = sorted((row for row in decisions if row["run_date"] == night), key=_place)
    if not tonight:
        shown = ", ".join(map(str, nights[-5:]))
        raise ConfigError(f"the night of {night} decided nothing about this customer", "--on", f"it did on {shown}")
    chosen = [row for row in tonight if row["outcome"] == "chosen"]
    head = f"{len(chosen)} message" if chosen else "no message"
    return [f"Night of {night}: {head} to {customer_id}, {len(tonight)} candidates", *map(sentence, tonight)]


def of_customer(conf: Conf, customer_id: str) -> list[dict[str, Any]]:
    """All decisions about a customer, under ids of their accounts, too."""
    one = literal(customer_id)
    return rows(
        conf,
        f"""SELECT d.* FROM activation.decisions d WHERE d.customer_id = {one} OR d.account_id IN (
            SELECT account_id FROM identity.customer_map WHERE customer_id = {one})""",
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
