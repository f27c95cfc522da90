"""`lakehouse tables [TABLE]`: the data dictionary, from the contracts, with what each table holds now."""

from dataclasses import dataclass
from typing import Annotated

import typer
from deltalake import DeltaTable
from rich.console import Console
from rich.table import Table

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.delta import log as delta_log


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """One table, or all."""

    table: Annotated[str | None, typer.Argument(help="layer.table; all tables where none is named")] = None


def run(options: Options) -> int:
    """Print the dictionary."""
    conf = conf_of(options)
    contracts, root = Contracts(conf), conf.profile.path(conf.profile.lake)
    if options.table:
        _one(contracts[options.table])
    else:
        _all(contracts, [*sorted(contracts), *(f"bronze.{e}" for e in sorted(conf.exports()))], root)
    return 0


def _all(contracts: Contracts, names: list[str], root: str) -> None:
    shown = Table("table", "one row is", "rows", "version", "columns", header_style="bold")
    for name in names:
        path = f"{root}/{name.replace('.', '/', 1)}"
        version = delta_log.latest_version(path)
        rows = "" if version is None else f"{DeltaTable(path, without_files=False).count():,}"
        contract = contracts[name]
        shown.add_row(
            name, contract.description, rows, "" if version is None else str(version), str(len(contract.columns))
        )
    Console().print(shown)


def _one(contract: Contract) -> None:
    title = f"{contract.table} {contract.version}: {contract.description}"
    shown = Table(
        "column", "type", "key", "personal", "meaning", header_style="bold", title=title, title_justify="left"
    )
    for c in contract.columns:
        known = f" (one of {', '.join(c.enum)})" if c.enum else ""
        key = "key" if c.key else ("required" if c.required else "")
        shown.add_row(c.name, c.type, key, "personal" if c.personal else "", c.description + known)
    Console().print(shown)
