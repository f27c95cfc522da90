"""`lakehouse shell`: Python with `spark`, `lake` and every table registered under its name."""

import code
from dataclasses import dataclass
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Code to run instead of asking for it."""

    command: Annotated[str | None, typer.Option("-c", metavar="CODE", help="run this and leave")] = None


def run(options: Options) -> int:
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
        exec(options.command, space)  # noqa: S102 the person at the shell runs what they typed
    else:
        code.interact(
            f"spark, lake, F. {len(names)} tables: spark.table('gold.customer_rfm') or lake.read.", local=space
        )
    return 0
