"""`lakehouse rollback MODEL --why`: the champion before the present one serves again."""

from dataclasses import dataclass
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which model, and why."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file of conf/models, without .yaml")]
    why: Annotated[str, typer.Option(help="the reason; it is written down")]


def run(options: Options) -> int:
    """Move the alias back, write it down."""
    from lakehouse.modelling import named, store

    conf = conf_of(options)
    named.model_of(conf, options.model)
    number = store.of_conf(conf).roll_back(options.model, options.why)
    print(f"{options.model}: version {number} is champion again: {options.why}")
    return 0
