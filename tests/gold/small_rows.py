"""Rows of a table by its contract, of dictionaries that tell what matters."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables

CONTRACTS = Contracts(Conf())


def rows(table: str, given: Iterable[dict[str, Any]]) -> pa.Table:
    """What is not given is NULL."""
    return pa.Table.from_pylist(list(given), rs_tables.arrow_schema(CONTRACTS[table]))
