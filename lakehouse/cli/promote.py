"""`lakehouse promote MODEL VERSION --why`: a person lets a version serve."""

from dataclasses import dataclass
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which version, and why."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file of conf/models, without .yaml")]
    version: Annotated[str, typer.Argument(metavar="VERSION", help="its number, as 'lakehouse models' says it")]
    why: Annotated[str, typer.Option(help="the reason; it is written down")]


def run(options: Options) -> int:
    """Verify the version's files, move the alias, write it down."""
    from lakehouse.errors import ConfigError
    from lakehouse.modelling import named, store

    conf = conf_of(options)
    named.model_of(conf, options.model)
    if not options.version.isdigit():
        raise ConfigError("a version is a number", options.version, "see 'lakehouse models'")
    store.of_conf(conf).promote(options.model, options.version, options.why)
    print(f"{options.model}: version {options.version} is champion: {options.why}")
    return 0
