"""Whom an id is about: a customer, also one that was merged away, or the customer of an account."""

from dataclasses import dataclass
from datetime import date

from jobs.identity.explaining.kept_facts import Facts, Row, text
from jobs.identity.persistent_ids import ledger
from lakehouse.errors import LakehouseError


@dataclass(frozen=True)
class Asked:
    """What an id leads to.

    path: the customer's id and those that it was merged into, with the day of each merge; account: the account that
    was asked about, "" where it was a customer; members: rows of identity.customer_map.
    """

    path: tuple[tuple[str, date | None], ...]
    account: str
    members: tuple[Row, ...]


def asked(facts: Facts, requested_id: str) -> Asked:
    """Find the customer.

    Raises:
        LakehouseError: there is no such customer or account, or no night has been yet.
    """
    of_account = facts.rows("identity.customer_map", "customer_id", f"account_id = {text(requested_id)}")
    customer = of_account[0]["customer_id"] if of_account else requested_id
    path = ledger.resolve(ledger.chain(facts.root, customer), customer, date.max).path
    members = facts.rows("identity.customer_map", "*", f"customer_id = {text(path[-1][0])}")
    if not members:
        what = f"there is no customer {requested_id}, nor an account"
        raise LakehouseError(what, facts.root, _remedy(facts, requested_id))
    ordered = sorted(members, key=lambda row: (row["arrived_on"], row["account_id"]))
    return Asked(path, requested_id if of_account else "", tuple(ordered))


def _remedy(facts: Facts, requested_id: str) -> str:
    """Where to look: an account that is gone was somebody's."""
    condition = f"account_id = {text(requested_id)} AND to_customer_id = ''"
    gone = facts.rows("identity.account_moves", "run_date, from_customer_id", condition)
    if gone:
        last = max(gone, key=lambda row: row["run_date"])
        return f"the account is gone since {last['run_date']}; it was of customer {last['from_customer_id']}"
    return (
        "look for it with 'lakehouse sql' in identity.customer_map; a retired or erased customer has no account left, "
        "and an account is written CHANNEL:KEY"
    )
