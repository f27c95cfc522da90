"""`lakehouse accept-volume EXPORT...`: say that an unusual volume is right, so that the night that held it goes on."""

from dataclasses import dataclass
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of
from lakehouse.contracts.contract import Contracts
from lakehouse.ops import volumes


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which exports, why, and who says so."""

    exports: Annotated[list[str], typer.Argument(metavar="EXPORT", help="exports whose volume the last night held")]
    reason: Annotated[str, typer.Option(help="why the volume is right, for whoever asks later")] = ""
    steward: Annotated[
        str,
        typer.Option(
            envvar="LAKEHOUSE_STEWARD", metavar="NAME", help="who accepts: a name that only the company can resolve"
        ),
    ] = ""


def run(options: Options) -> int:
    """Record the acceptance in ops.volumes; the night is then run again."""
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    contract = Contracts(conf)[volumes.TABLE]
    for row in volumes.accept(root, contract, options.exports, options.reason, options.steward):
        print(f"{row['export']}: {row['bytes_a_day']:,} bytes a delivered day are accepted for {row['run_date']}")
    print("run the night again: 'lakehouse night', or clear the task in Airflow")
    return 0
