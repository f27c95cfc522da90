"""A company of a few customers for the tests of activation: tables by short name, told in the fewest rows."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.activation.settings.contact_policy import Settings as Policy
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.lake.publish import Published
from tests.gold.memory_lake import MemoryLake

CONF = Conf()
CONTRACTS = Contracts(CONF)
FILL: dict[str, Any] = {"_export": "x", "_source_file": "f", "_source_line": 1, "quality_flags": [], "channel": "shop"}


def rows(table: str, given: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of a table by its contract; what is not given is NULL, or of no weight."""
    schema = rs_tables.arrow_schema(CONTRACTS[table])
    names = set(schema.names)
    return pa.Table.from_pylist([{k: v for k, v in FILL.items() if k in names} | row for row in given], schema)


def customers(*ids: str, **golden: Any) -> dict[str, pa.Table]:
    """customer_map and golden_customers: each has one account email:ID, an e-mail address and no birth date."""
    return {
        "customer_map": rows("identity.customer_map", [{"account_id": f"email:{i}", "customer_id": i} for i in ids]),
        "golden_customers": rows(
            "identity.golden_customers",
            [{"customer_id": i, "first_account_id": f"email:{i}", "email": f"{i}@x", **golden} for i in ids],
        ),
    }


def consents(*given: tuple[str, str, bool]) -> pa.Table:
    """(customer, consent, whether it was given) of the customer's one account."""
    told = [{"account_id": f"email:{c}", "purpose": p, "is_granted": g} for c, p, g in given]
    return rows("silver.consents", told)


def events(*given: tuple[str, str, date]) -> dict[str, pa.Table]:
    """(account, event, day): orders and interactions."""
    orders = [
        {"order_id": f"{a}:{e}:{d}:{n}", "account_id": a, "order_type": "sale", "order_date": d}
        for n, (a, e, d) in enumerate(given)
        if e == "order"
    ]
    others = [
        {"interaction_id": f"{a}:{e}:{d}:{n}", "account_id": a, "interaction_type": e, "occurred_date": d}
        for n, (a, e, d) in enumerate(given)
        if e != "order"
    ]
    return {"orders": rows("silver.orders", orders), "interactions": rows("silver.interactions", others)}


def policy(**changes: Any) -> Policy:
    """The packaged contact policy with nobody held out, and changes to its keys."""
    packaged = CONF.settings("contact_policy", Policy)
    nobody = packaged.holdout.replace(universal_share=0.0, default_share=0.0)
    return packaged.replace(**{"holdout": nobody, "suppressed_by": ("do_not_contact",), **changes})


class Nights(MemoryLake):
    """A lake in memory whose tables stay from night to night."""

    def publish(self, table: str, rows: pa.Table, _run_date: date, mode: str | None = None) -> Published:
        name, contract = table.split(".")[1], self.contracts[table]
        aligned = rs_tables.aligned(rows, contract)
        how = mode or contract.publish_mode
        before = self.tables.get(name)
        if how == "append" and before is not None:
            aligned = pa.concat_tables([before, aligned])
        if how == "merge" and before is not None:
            own = {tuple(row[k] for k in contract.key) for row in aligned.to_pylist()}
            kept = [row for row in before.to_pylist() if tuple(row[k] for k in contract.key) not in own]
            aligned = pa.concat_tables([pa.Table.from_pylist(kept, aligned.schema), aligned])
        self.tables[name] = self.published[table] = aligned
        return Published(table, 0, aligned.num_rows, "")
