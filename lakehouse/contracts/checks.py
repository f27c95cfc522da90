"""Checks of contracts: the Open Data Contract Standard's form, style.md's names, personal columns."""

import re
from typing import Any

from lakehouse.config.documents import Document, read_document, shown
from lakehouse.config.findings import Findings, nearest
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Column, Contract, load

NAME = re.compile(r"_?[a-z][a-z0-9_]*")
VERSION = re.compile(r"\d+\.\d+\.\d+")
STATUSES = ("proposed", "draft", "active", "deprecated", "retired")
PERSONAL = {
    "account_id",
    "account_key",
    "full_name",
    "given_name",
    "surname",
    "birth_date",
    "email",
    "phone",
    "address_1",
    "address_2",
    "street_number",
    "postcode",
    "national_id",
}
LOGICAL = {
    "STRING": "string",
    "BIGINT": "integer",
    "INT": "integer",
    "SMALLINT": "integer",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DECIMAL": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "ARRAY": "array",
    "MAP": "object",
    "STRUCT": "object",
}


def check(conf: Conf, findings: Findings) -> dict[str, Contract]:
    """Check all contract files; returns those that load."""
    contracts: dict[str, Contract] = {}
    for path in conf.files("contracts/*/*"):
        if not path.name.endswith(".odcs.yaml"):
            findings.warning(shown(path), "nothing reads this file", "name it <table>.odcs.yaml")
            continue
        with findings.caught(shown(path)):
            document = read_document(path)
            contract = load(path)
            contracts[contract.table] = contract
            _form(contract, document, findings)
            _columns(contract, document, findings)
    return contracts


def _form(contract: Contract, document: Document, findings: Findings) -> None:
    value = document.value
    wanted: dict[str, Any] = {"kind": "DataContract", "id": contract.table}
    for key, expected in wanted.items():
        if value.get(key) != expected:
            findings.error(document.where((key,)), f"'{key}' must be {expected}", f"write {key}: {expected}")
    if not str(value.get("apiVersion", "")).startswith("v3."):
        findings.error(document.where(("apiVersion",)), "the contract is not in the standard's form 3", "write v3.1.0")
    if not VERSION.fullmatch(contract.version):
        findings.error(document.where(("version",)), f"'{contract.version}' is no version", "write it as 1.0.0")
    if value.get("status") not in STATUSES:
        findings.error(
            document.where(("status",)),
            f"the status is none of {', '.join(STATUSES)}",
            nearest(str(value.get("status")), STATUSES),
        )
    if len(value["schema"]) != 1:
        findings.error(document.where(("schema",)), "a contract is about one table", "give the others their own files")
    if not str(contract.description).strip():
        findings.error(document.where(("schema", 0)), "the contract does not say what one row is")


def _columns(contract: Contract, document: Document, findings: Findings) -> None:
    seen: set[str] = set()
    for i, column in enumerate(contract.columns):
        at = ("schema", 0, "properties", i)
        item, where = document.value["schema"][0]["properties"][i], document.where(at)
        if column.name in seen:
            findings.error(where, f"column '{column.name}' stands twice", "keep one of them")
        seen.add(column.name)
        _names(column, where, findings)
        _types(column, item, where, findings)
        if column.name in PERSONAL and not column.personal:
            findings.error(where, f"'{column.name}' is a personal value", "add classification: personal")


def _names(column: Column, where: str, findings: Findings) -> None:
    name, of = column.name, column.type.upper()
    if not NAME.fullmatch(name):
        findings.error(where, f"'{name}' is no plain name", "write small letters, digits and _")
    if of == "TIMESTAMP" and not name.endswith("_at"):
        findings.warning(where, f"'{name}' is an instant", f"call it {name.removesuffix('_time')}_at")
    if of == "BOOLEAN" and not name.startswith(("is_", "has_")):
        findings.warning(where, f"'{name}' is true or false", f"call it is_{name}")
    if name.endswith("_cents") and of != "BIGINT":
        findings.warning(where, f"'{name}' is counted in minor units", "make it BIGINT")
    if not column.description.strip():
        findings.error(where, f"'{name}' has no description", "say what it means, with its unit")


def _types(column: Column, item: dict[str, Any], where: str, findings: Findings) -> None:
    word = re.split(r"[(<]", column.type.upper())[0].strip()
    logical = LOGICAL.get(word)
    if logical and item.get("logicalType") != logical:
        findings.error(where, f"logicalType of '{column.name}' must be {logical}", f"write logicalType: {logical}")
