"""`lakehouse resolve ID [--as-of D]`: what became of a customer id; no JVM."""

import argparse
import importlib
from datetime import date

from jobs.cli import conf_of, day


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The id and the day."""
    parser.add_argument("customer_id", help="any id ever issued")
    parser.add_argument("--as-of", type=day, metavar="D", help="as the night of D left it (default: the last night)")


def run(options: argparse.Namespace) -> int:
    """Print where the id leads; exit code 1 for an id that was never issued."""
    from jobs import delta_log
    from jobs.errors import LakehouseError

    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    if delta_log.latest_version(f"{root}/identity/customer_id_ledger") is None:
        raise LakehouseError("there is no ledger yet", root, "run 'lakehouse night' first")
    room = importlib.import_module("jobs.identity.lasting.ledger")  # a room, called by its name
    found = room.resolve(room.chain(root, options.customer_id), options.customer_id, options.as_of or date.max)
    for customer_id, until in found.path:
        print(f"{customer_id}  {f'merged on {until}' if until else found.state}")
    return 1 if found.state == "unknown" else 0
