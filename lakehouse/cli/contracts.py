"""`lakehouse contracts`: the Open Data Contract Standard's form, the contracts' lock, the settings' JSON Schemas."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """What to write: one of the three."""

    odcs: Annotated[bool, typer.Option("--odcs", help="write tables and exports as ODCS 3.1 contracts")] = False
    lock: Annotated[bool, typer.Option("--lock", help="compare with conf/contracts.lock, then write it anew")] = False
    json_schema: Annotated[
        bool, typer.Option("--json-schema", help="write conf/schema/<subject>.schema.json, for editors")
    ] = False
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="folder to write to (default: var/contracts)")] = None


def run(options: Options) -> int:
    """Write; exit code 1 when a contract breaks its promise without a new major version."""
    common.exactly_one({"--odcs": options.odcs, "--lock": options.lock, "--json-schema": options.json_schema})
    if options.lock:
        return _lock(options)
    if options.json_schema:
        return _json_schema(options)
    return _odcs(options)


def _lock(options: Options) -> int:
    from lakehouse.config.documents import shown
    from lakehouse.config.findings import Findings
    from lakehouse.contracts import checks as contract_checks
    from lakehouse.contracts import promises as lock

    conf, form, promises = conf_of(options), Findings(), Findings()
    contracts = contract_checks.check(conf, form)
    lock.compare(conf, contracts, promises)
    for item in form.errors + promises.errors:
        print(f"error: {item.line()}", file=sys.stderr)
    if form.errors:
        return 2
    if promises.errors:
        return 1
    print(f"{shown(lock.write(conf, contracts))}: {len(contracts)} contracts")
    return 0


def _json_schema(options: Options) -> int:
    from lakehouse.config import json_schema
    from lakehouse.config.documents import packaged, shown
    from lakehouse.runs.settings_models import every_model

    folder = options.out or packaged("conf") / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (model, what) in every_model().items():
        (folder / f"{name}.schema.json").write_text(json_schema.text(model, what), encoding="utf-8")
    print(f"{shown(folder)}: {len(every_model())} schemas")
    return 0


def _odcs(options: Options) -> int:
    from lakehouse.config.documents import shown
    from lakehouse.contracts import odcs

    conf = conf_of(options)
    folder = options.out or Path(conf.profile.path("var/contracts"))
    count = odcs.write(conf, folder)
    print(f"{shown(folder)}: {count} contracts")
    return 0
