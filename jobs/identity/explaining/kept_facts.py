"""What nights have left in the lake about customers, read through delta-rs: no Spark, no JVM."""

from dataclasses import dataclass
from typing import Any

from jobs.identity.explaining.waterfall import Pair
from lakehouse.delta import log as delta_log
from lakehouse.lake.reader import Reader
from lakehouse.sql.literal import listed, literal

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Reads what an explanation needs, each table only where it exists."""

    root: str

    def rows(self, table: str, columns: str, where: str) -> list[Row]:
        """Rows of a table; none where it does not exist yet."""
        if delta_log.latest_version(f"{self.root}/{table.replace('.', '/', 1)}") is None:
            return []
        records: list[dict[str, Any]] = (
            Reader(self.root).sql(f"SELECT {columns} FROM {table} WHERE {where}").to_pylist()
        )
        return records


def decisions_on(facts: Facts, own: list[str]) -> list[Row]:
    """What stewards said of these accounts and did not withdraw."""
    condition = f"(account_id_left IN ({texts(own)}) OR account_id_right IN ({texts(own)})) AND withdrawn_on IS NULL"
    return facts.rows(
        "identity.steward_decisions", "account_id_left, account_id_right, decision, decided_on, steward", condition
    )


def events(facts: Facts, ids: list[str]) -> list[Row]:
    """What became of these customers, by the ledger."""
    condition = f"customer_id IN ({texts(ids)}) OR other_customer_id IN ({texts(ids)})"
    return facts.rows(
        "identity.customer_id_ledger", "run_date, event, customer_id, other_customer_id, reason", condition
    )


def ends(pair: Row) -> Pair:
    """The two accounts of a pair."""
    return pair["account_id_left"], pair["account_id_right"]


def text(value: str) -> str:
    """SQL of a text."""
    return literal(value)


def texts(values: Any) -> str:
    """SQL of some texts, none of them equal to nothing."""
    return listed(sorted(values))
