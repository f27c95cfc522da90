"""`lakehouse linkage --truth FILE`: precision and recall of the customer map against a truth file."""

import argparse
from pathlib import Path

from jobs.cli import conf_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The truth."""
    parser.add_argument("--truth", type=Path, required=True, metavar="FILE",
                        help="CSV with channel, channel_key (as exported) and person_id")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Print the report; exit code 1 when there is no map yet."""
    import importlib
    from datetime import date

    from jobs import delta_log, session
    from jobs.contracts import Contracts
    from jobs.errors import ConfigError, LakehouseError
    from jobs.lake import Lake, Run

    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    if not options.truth.is_file():
        raise ConfigError("there is no such truth file", str(options.truth), "give --truth an existing CSV file")
    if delta_log.latest_version(f"{root}/identity/customer_map") is None:  # before a session starts for nothing
        raise LakehouseError("there is no customer map yet", root, "run 'lakehouse night' first")
    spark = session.start(conf.profile, "lakehouse linkage")
    lake = Lake(spark, conf, root, Run("linkage", date.min), Contracts(conf)).for_job("linkage", "")
    report = importlib.import_module("jobs.identity.evaluate")  # a room, called by its name
    return int(report.linkage_main(lake, options.truth))
