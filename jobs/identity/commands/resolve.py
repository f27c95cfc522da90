"""`lakehouse resolve ID [--as-of D]`, `lakehouse resolve --all FILE`: what became of customer ids; no JVM."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The id and the day."""

    customer_id: Annotated[str | None, typer.Argument(help="any id ever issued")] = None
    all: Annotated[Path | None, typer.Option(metavar="FILE", help="write where every id leads, as CSV")] = None
    as_of: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="as the night of D left it (default: the last night)")
    ] = None


def run(options: Options) -> int:
    """Print where the id leads, or write where all do; exit code 1 for an id that was never issued."""
    from jobs.identity.persistent_ids import ledger
    from lakehouse.delta import log as delta_log
    from lakehouse.errors import ConfigError, LakehouseError

    if (options.all is None) == (options.customer_id is None):
        raise ConfigError("there is nothing to resolve, or too much", "resolve", "give an id, or --all FILE")
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    if delta_log.latest_version(f"{root}/identity/customer_id_ledger") is None:
        raise LakehouseError("there is no ledger yet", root, "run 'lakehouse night' first")
    if options.all is not None:
        return _write(ledger.all_resolved(root, options.as_of or date.max), options.all)
    wanted = options.customer_id or ""
    resolved = ledger.resolve(ledger.chain(root, wanted), wanted, options.as_of or date.max)
    for customer_id, until in resolved.path:
        print(f"{customer_id}  {f'merged on {until}' if until else resolved.state}")
    return 1 if resolved.state == "unknown" else 0


def _write(resolved: "pa.Table", path: Path) -> int:
    from pyarrow import csv

    csv.write_csv(resolved, path)
    print(f"{resolved.num_rows:,} ids in {path}")
    return 0
