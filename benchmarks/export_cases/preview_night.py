"""A case's silver tables without Spark: every delivered file mapped by the preview engine, newest version kept."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.export_cases.expected import Case
from lakehouse.authoring import preview
from lakehouse.config.exports import Export, Target
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.errors import LakehouseError
from lakehouse.sql.literal import identifier

VERSION = "_version"
VERSIONED = ("silver.orders", "silver.customers", "silver.consents")
TABLES = ("orders", "order_lines", "customers", "consents", "interactions", "products")


def tables(case: Case, conf: Conf, export: Export) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Rows by table, and what went wrong with a file."""
    names = {*(f"silver.{name}" for name in TABLES), *(target.table for target in export.targets)}
    contracts = {name: Contracts(conf)[name] for name in names}
    messages: list[str] = []
    with preview.connection() as opened:
        parts = [
            _file(path, export, contracts, opened, messages, conf.profile.business_time_zone) for path in case.files
        ]
    made = {name: _empty(contracts, name) for name in TABLES}
    for name in TABLES:
        rows = [part[name].assign(_file=i) for i, part in enumerate(parts) if name in part]
        if rows:
            found = pd.concat(rows, ignore_index=True).reindex(columns=[*made[name].columns, "_file", VERSION])
            made[name] = _newest(found, name, made["orders"])
    return _finished(made, conf), messages


def _file(
    path: Path,
    export: Export,
    contracts: dict[str, Contract],
    opened: duckdb.DuckDBPyConnection,
    messages: list[str],
    zone: str,
) -> dict[str, pd.DataFrame]:
    try:
        source = preview.lines(path, export, None)
    except (ValueError, LakehouseError) as error:
        messages.append(f"{path.name}: {error}")
        return {}
    if source.missing:
        messages.append(f"{path.name} lacks {', '.join(source.missing)}")
        return {}
    messages += [f"{path.name}: {len(source.malformed)} broken lines"] if source.malformed else []
    found: dict[str, pd.DataFrame] = {}
    for target in (_with_version(target, export) for target in export.targets):
        types = {c.name: c.type for c in contracts[target.table].columns} | {VERSION: "STRING"}
        made = preview.mapped(source.table, export, target, types, opened, zone)
        messages += [f"{target.table}.{name} needs Spark" for name in made.needs_spark]
        name = target.table.removeprefix("silver.")
        rows = made.rows.to_pandas()
        found[name] = pd.concat([found[name], rows]) if name in found else rows
    return found


def _empty(contracts: dict[str, Contract], name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=[c.name for c in contracts[f"silver.{name}"].columns])


def _with_version(target: Target, export: Export) -> Target:
    """The target with what the export's `version` says, as a column of text that sorts."""
    if not export.version or target.table not in VERSIONED:
        return target
    said = identifier(export.version) if export.version in export.columns else export.version
    moment = f"CAST({said} AS STRING)"
    columns = {**target.columns, VERSION: f"max({moment})" if target.group_by else moment}
    return target.model_copy(update={"columns": columns})


def _newest(rows: pd.DataFrame, name: str, orders: pd.DataFrame) -> pd.DataFrame:
    """The newest version of each key; lines stay with the file of their order's newest version."""
    if name == "order_lines":
        files = orders.set_index("order_id")["_file"] if "_file" in orders else pd.Series(dtype=int)
        newest = rows["order_id"].map(files).fillna(rows.groupby("order_id")["_file"].transform("max"))
        return rows[rows["_file"] == newest]
    keys = {"orders": ["order_id"], "customers": ["account_id"], "consents": ["account_id", "purpose"]}.get(name)
    if keys and rows[VERSION].notna().any():
        rows = rows.sort_values(VERSION, kind="stable", na_position="first")
    return rows.drop_duplicates(keys, keep="last") if keys else rows


def _finished(made: dict[str, pd.DataFrame], conf: Conf) -> dict[str, pd.DataFrame]:
    orders = made["orders"]
    orders["currency"] = orders["currency"].fillna(conf.profile.reporting_currency)
    orders["total_original_cents"] = orders["total_original_cents"].fillna(orders["total_cents"])
    rates = {**conf.document("currency").value["rates"][date(2024, 3, 1)], conf.profile.reporting_currency: 1}
    is_converted = orders["currency"] != conf.profile.reporting_currency
    factor = orders["currency"].map(rates).where(is_converted, 1)
    orders["total_cents"] = (orders["total_original_cents"].astype(float) * factor.astype(float)).round()
    orders = made["orders"] = orders[orders["total_original_cents"].notna() & orders["order_id"].notna()]
    moments = pd.to_datetime(orders["ordered_at"].fillna(orders["order_date"]))
    made["orders"] = orders.assign(
        ordered_at=moments, order_date=_days(orders, moments, conf.profile.business_time_zone)
    )[moments.notna()]
    made["customers"] = made["customers"][made["customers"]["account_id"].notna()]
    return made


def _days(orders: pd.DataFrame, moments: pd.Series, zone: str) -> pd.Series:
    """Days in the business zone; a day without a time of day is the file's own."""
    local = moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.date
    return local.where(orders["ordered_at"].notna(), moments.dt.date)
