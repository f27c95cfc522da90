"""Contracts for others: the tables' own, and each export's YAML as an Open Data Contract Standard 3.1 contract."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from lakehouse.config.exports import Export
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import TECHNICAL, Contracts


def write(conf: Conf, folder: Path) -> int:
    """Copy table contracts and write exports' ones; returns how many."""
    contracts = Contracts(conf)
    for contract in contracts.values():
        layer, name = contract.table.split(".", 1)
        target = folder / layer / f"{name}.odcs.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(contract.file, target)
    for name, export in conf.exports().items():
        target = folder / "bronze" / f"{name}.odcs.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        made = yaml.safe_dump(of_export(export), allow_unicode=True, sort_keys=False, width=120)
        target.write_text(made, encoding="utf-8")
    return len(contracts) + len(conf.exports())


def of_export(export: Export) -> dict[str, Any]:
    """An export as a contract between the channel that delivers and the lakehouse."""
    properties = [
        _property(name, column.description or "as exported", column.required, column.personal, column.purpose)
        for name, column in export.columns.items()
    ]
    properties += [_property(c.name, c.description, False, c.personal, "", c.type) for c in TECHNICAL]
    custom: dict[str, Any] = {"files": list(export.files), "encoding": export.encoding, "channel": export.channel}
    custom |= {"delimiter": export.delimiter, "header": export.header} if export.format == "csv" else {}
    table = {
        "name": export.name,
        "physicalName": f"bronze.{export.name}",
        "physicalType": "table",
        "description": export.description or f"export {export.name} of channel {export.channel}",
        "dataGranularityDescription": "one row per exported line, unchanged",
        "customProperties": [{"property": key, "value": value} for key, value in custom.items()],
        "properties": properties,
    }
    servers = [
        {
            "server": "drop-zone",
            "type": "local",
            "path": f"drop/{{date}}/{export.files[0]}",
            "format": {"json_lines": "json"}.get(export.format, export.format),
        }
    ]
    made: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"bronze.{export.name}",
        "name": export.name,
        "version": "1.0.0",
        "status": "active",
        "servers": servers,
        "schema": [table],
    }
    if export.late_after_days is not None:
        made["slaProperties"] = [{"property": "frequency", "value": export.late_after_days, "unit": "d"}]
    return made


def _property(
    name: str, description: str, required: bool, personal: bool, purpose: str, physical: str = "STRING"
) -> dict[str, Any]:
    logical = {"BIGINT": "integer", "DATE": "date"}.get(physical, "string")
    made: dict[str, Any] = {"name": name, "logicalType": logical, "physicalType": physical, "required": required}
    made |= {"classification": "personal"} if personal else {}
    made |= {"customProperties": [{"property": "purpose", "value": purpose}]} if purpose else {}
    return {**made, "description": description}
