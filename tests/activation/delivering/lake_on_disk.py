"""A lake on disk after one night whose messages wait, for `lakehouse deliver` in a process of its own."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import tables as ops_tables
from tests.activation.small_company import consents, customers, rows
from tests.conftest import RUN_DATE

NIGHT = datetime(RUN_DATE.year, RUN_DATE.month, RUN_DATE.day, tzinfo=UTC)
FROM = NIGHT + timedelta(days=1, hours=8)
UNTIL = FROM + timedelta(hours=13)


def decision(customer_id: str, **changes: Any) -> dict[str, Any]:
    """A message of an audience that was chosen for a customer."""
    return {
        "run_date": RUN_DATE, "customer_id": customer_id, "account_id": f"email:{customer_id}", "kind": "audience",
        "name": "m", "occasion": "", "channel": "email", "version": "1", "purpose": "marketing", "content": "=hello",
        "expected_value": 1, "cost": 0, "priority": 1, "control_share": 0, "outcome": "chosen", "rule": "chosen",
        "reason": "told so", "send_from": FROM, "send_until": UNTIL, **changes,
    }  # fmt: skip


def tables_of(ids: Iterable[str], until: datetime = UNTIL, **golden: Any) -> dict[str, pa.Table]:
    """Customers who agreed, with a message each that may go until an instant."""
    ids = list(ids)
    told = consents(*((i, "marketing", True) for i in ids))
    return {
        **customers(*ids, **golden),
        "consents": told,
        "decisions": rows("activation.decisions", (decision(i, send_until=until) for i in ids)),
    }


NAMES = {
    "customer_map": "identity.customer_map",
    "golden_customers": "identity.golden_customers",
    "consents": "silver.consents",
    "decisions": "activation.decisions",
}


def write(root: Path, tables: dict[str, pa.Table], night: datetime = NIGHT) -> None:
    """The tables, and the night that published them."""
    run = {"run_id": f"r{night:%j}", "run_date": night.date(), "step": "night", "job": "night", "outcome": "published"}
    row = {**run, "outputs": {}, "started_at": night, "ended_at": night}
    ops_tables.append(str(root / "ops" / "runs"), Contracts(Conf())["ops.runs"], [row], run["run_id"])
    for name, content in tables.items():
        plain = pa.schema([pa.field(f.name, f.type) for f in content.schema])
        place = str(root / NAMES[name].replace(".", "/"))
        write_deltalake(place, pa.table(content.columns, schema=plain), mode="overwrite")
