"""`lakehouse linkage`: how right the customer map is (`--truth FILE`), or a linkage of any records (`--records`)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The truth; records of any kind."""

    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="of the customer map: CSV with channel, channel_key (as exported) and person_id; of "
            "records: as the fields' YAML says",
        ),
    ] = None
    records: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="link the records of this file (CSV, Parquet, JSON lines) and leave the lake alone; "
            "give two files to link two lists",
        ),
    ] = None
    fields: Annotated[Path | None, typer.Option(metavar="YAML", help="what the columns of the records mean")] = None
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of the records' account_id, channel, customer_id")
    ] = None


def run(options: Options) -> int:
    """Print the report; exit code 1 when there is no map yet."""
    from lakehouse.errors import ConfigError

    if options.truth is not None and not options.truth.is_file():
        raise ConfigError("there is no such truth file", str(options.truth), "give --truth an existing file")
    if options.records:
        return _records(options, options.records)
    if options.truth is None:
        raise ConfigError("there is nothing to compare with", "linkage", "give --truth, or --records and --fields")
    return _customer_map(options, options.truth)


def _records(options: Options, records: list[Path]) -> int:
    from lakehouse.errors import ConfigError

    if options.fields is None or not options.fields.is_file():
        raise ConfigError("records need a YAML that says what their columns mean", "--fields", "give an existing file")
    from jobs.identity.record_sets import file_report
    from jobs.identity.settings.identity import Settings

    conf = conf_of(options).settings("identity", Settings)
    return int(file_report.main(records, options.fields, options.truth, options.out, conf))


def _customer_map(options: Options, truth: Path) -> int:
    from lakehouse.contracts.contract import Contracts
    from lakehouse.delta import log as delta_log
    from lakehouse.errors import LakehouseError
    from lakehouse.lake.lake import Lake
    from lakehouse.ops.run_log import Run
    from lakehouse.spark import session

    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    if delta_log.latest_version(f"{root}/identity/customer_map") is None:  # before a session starts for nothing
        raise LakehouseError("there is no customer map yet", root, "run 'lakehouse night' first")
    spark = session.start(conf.profile, "lakehouse linkage")
    lake = Lake(spark, conf, root, Run("linkage", date.min), Contracts(conf)).for_job("linkage", "")
    from jobs.identity.record_sets import evaluate

    return int(evaluate.linkage_main(lake, truth))
