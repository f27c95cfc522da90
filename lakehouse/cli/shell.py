"""`lakehouse shell`: Python with `spark`, `lake` and every table registered under its name."""

import argparse
import code

from lakehouse.cli.main import conf_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Code to run instead of asking for it."""
    parser.add_argument("-c", dest="command", help="run this and leave")


def run(options: argparse.Namespace) -> int:
    """Open the shell."""
    from datetime import date

    from pyspark.sql import functions as F

    from lakehouse.contracts.contract import Contracts
    from lakehouse.lake import catalog
    from lakehouse.lake.lake import Lake
    from lakehouse.ops.run_log import Run
    from lakehouse.runs.night import every_table
    from lakehouse.spark import session

    conf = conf_of(options)
    spark = session.start(conf.profile, "lakehouse shell")
    lake = Lake(spark, conf, conf.profile.path(conf.profile.lake), Run("shell", date.min), Contracts(conf)).for_job(
        "shell", ""
    )
    names = catalog.register(lake, every_table(lake))
    space = {"spark": spark, "lake": lake, "F": F}
    if options.command:
        exec(options.command, space)  # the person at the shell runs what they typed
    else:
        code.interact(
            f"spark, lake, F. {len(names)} tables: spark.table('gold.customer_rfm') or lake.read.", local=space
        )
    return 0
