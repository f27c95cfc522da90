"""The language of segments and tags: SQL over gold.customer_profile and the tables beside it, one row per customer."""

from collections.abc import Mapping

from lakehouse.config.layers import Conf
from lakehouse.contracts import contract as contracts
from lakehouse.contracts.contract import Contract
from lakehouse.sql.conditions import ALIKE, RUN_DATE, Language, Vocabulary, agree

__all__ = ["ALIKE", "LANGUAGE", "ONE_ROW_PER_CUSTOMER", "PROFILE", "RUN_DATE", "Vocabulary", "agree"]

PROFILE = "customer_profile"
ONE_ROW_PER_CUSTOMER = (
    "gold.customer_profile",
    "gold.customer_rfm",
    "gold.customer_value",
    "gold.life_cycle",
    "gold.behaviour_clusters",
)
LANGUAGE = Language(PROFILE)
faults, tables_of, in_spark = LANGUAGE.faults, LANGUAGE.tables_of, LANGUAGE.in_spark


def contracts_of(conf: Conf) -> dict[str, Contract]:
    """The contracts of the tables that a condition may name, by short name; the others' are not read."""
    names = [table.split(".")[1] for table in ONE_ROW_PER_CUSTOMER]
    return {name: contracts.load(path) for name in names for path in conf.files(f"contracts/gold/{name}.odcs.yaml")}


def vocabulary(declared: Mapping[str, Contract]) -> Vocabulary:
    """The columns that a condition may use, by the contracts of `contracts_of`."""
    return {table: {column.name: column.type for column in contract.columns} for table, contract in declared.items()}
