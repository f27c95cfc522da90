"""Options of `lakehouse check`, for the command and its previews."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which export to look at closely, and how."""

    export: Annotated[str | None, typer.Option(metavar="NAME", help="preview this export alone")] = None
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="preview from this file, not the newest delivered")
    ] = None
    rows: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="mapped rows to show per target (default: 20 for one export, else a line per target)"
        ),
    ] = None
    show_personal: Annotated[
        bool, typer.Option("--show-personal", help="show personal values; they are masked otherwise")
    ] = False
    no_preview: Annotated[bool, typer.Option("--no-preview", help="validate only")] = False
