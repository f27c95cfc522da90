"""Options that every command has, and the configuration they ask for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from lakehouse.config.layers import Conf

CONF_HELP = (
    "a configuration layer of yours, above the packaged one; may be repeated (default: $LAKEHOUSE_CONF, "
    "else conf/sample)"
)
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What may be said to any command; a command's own `Options` extend these."""

    conf: Annotated[list[Path] | None, typer.Option(metavar="DIR", help=CONF_HELP, show_default=False)] = None
    profile: Annotated[str, typer.Option(envvar="LAKEHOUSE_PROFILE", help="a file of conf/profiles")] = "local"
    lake: Annotated[str | None, typer.Option(metavar="DIR", help="the lake's folder (default: the profile's)")] = None
    drop: Annotated[str | None, typer.Option(metavar="DIR", help="the drop zone (default: the profile's)")] = None
    log_level: Annotated[
        LogLevel, typer.Option(envvar="LAKEHOUSE_LOG_LEVEL", help="what operators' log lines on stderr begin with")
    ] = "warning"
    log_format: Annotated[
        LogFormat, typer.Option(envvar="LAKEHOUSE_LOG_FORMAT", help="log lines for people, or a JSON object each")
    ] = "text"


def day(text: str) -> date | None:
    """A date as typed, '' for none.

    Raises:
        typer.BadParameter: the text is no date.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date; write it as 2017-10-01") from None


def conf_of(options: Options) -> "Conf":
    """The configuration that the options ask for."""
    from lakehouse.config.documents import packaged
    from lakehouse.config.layers import Conf  # here: help needs no models

    layers = options.conf
    if not layers:
        named = os.environ.get("LAKEHOUSE_CONF", "")
        layers = [Path(p) for p in named.split(os.pathsep) if p] or [packaged("conf") / "sample"]
    given = {"lake": options.lake, "drop": options.drop}
    engine = {"engine": chosen} if (chosen := getattr(options, "job_engine", None)) else {}
    places = {key: str(Path(at).absolute()) if "://" not in at else at for key, at in given.items() if at}
    return Conf(layers, options.profile, places | engine)


def exactly_one(given: Mapping[str, object]) -> None:
    """Refuse a command line that says none or several of these options.

    Raises:
        typer.BadParameter: with the options that were given, or could be.
    """
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        raise typer.BadParameter(f"{', '.join(chosen)} are not said together")
    if not chosen:
        raise typer.BadParameter(f"one of {', '.join(given)} is needed")
