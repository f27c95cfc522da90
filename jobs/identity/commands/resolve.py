"""`lakehouse resolve ID [--as-of D]`, `lakehouse resolve --all FILE`: what became of customer ids; no JVM."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.cli.main import conf_of, day

if TYPE_CHECKING:
    import pyarrow as pa


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The id and the day."""
    parser.add_argument("customer_id", nargs="?", help="any id ever issued")
    parser.add_argument("--all", type=Path, metavar="FILE", help="write where every id leads, as CSV")
    parser.add_argument("--as-of", type=day, metavar="D", help="as the night of D left it (default: the last night)")


def run(options: argparse.Namespace) -> int:
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
    found = ledger.resolve(ledger.chain(root, options.customer_id), options.customer_id, options.as_of or date.max)
    for customer_id, until in found.path:
        print(f"{customer_id}  {f'merged on {until}' if until else found.state}")
    return 1 if found.state == "unknown" else 0


def _write(resolved: "pa.Table", path: Path) -> int:
    from pyarrow import csv

    csv.write_csv(resolved, path)
    print(f"{resolved.num_rows:,} ids in {path}")
    return 0
