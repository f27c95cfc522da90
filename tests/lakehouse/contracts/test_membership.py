"""Which tables have a contract can be asked of any text."""

import pytest

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts


@pytest.mark.parametrize(
    ("table", "is_there"),
    [
        ("silver.orders", True),
        ("bronze.email_sends", True),  # follows from the export
        ("quarantine.orders", True),
        ("bronze.*", False),
        ("bronze.no_such_export", False),
        ("silver.no_such_table", False),
        ("", False),
    ],
)
def test_a_table_without_a_contract_is_told_not_raised(table, is_there):
    assert (table in Contracts(Conf([packaged("conf") / "sample"]))) is is_there
