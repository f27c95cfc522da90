"""The `lakehouse` command. Exit codes: 0 done, 1 a gate or check failed, 2 usage or configuration, 3 environment."""

import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.grammar import LazyCommands
from lakehouse.cli.options import conf_of, day
from lakehouse.errors import LakehouseError, MachineError
from lakehouse.ops import file_modes

__all__ = ["COMMANDS", "conf_of", "day", "main"]

TABLE_READERS = ("deltalake", "_internal", "py4j")  # whose errors would be traces of their own insides

line = typer.Typer(
    name="lakehouse", cls=LazyCommands, help=__doc__, add_completion=False, no_args_is_help=True, rich_markup_mode=None
)


def version_text() -> str:
    """The product's name and the version that is installed."""
    try:
        return f"customer-lakehouse {metadata.version('customer-lakehouse')}"
    except metadata.PackageNotFoundError:  # the code alone, as executors get it
        return "customer-lakehouse, not installed as a package"


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(version_text())
        raise typer.Exit


@line.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="say which it is")
    ] = False,
) -> None:
    """Options that stand before a command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    file_modes.keep_private()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(typer.main.get_command(line)(args=words, prog_name="lakehouse", standalone_mode=True) or 0)
    except SystemExit as stop:
        return int(stop.code or 0)
    except LakehouseError as error:
        if os.environ.get("LAKEHOUSE_DEBUG"):
            raise
        print(f"lakehouse: {error.paragraph()}", file=sys.stderr)
        return error.exit_code
    except Exception as error:
        if os.environ.get("LAKEHOUSE_DEBUG") or not _is_of_tables(error):
            raise
        told = f"a table's log or files cannot be read ({type(error).__name__})"
        print(f"lakehouse: {told}. Run 'lakehouse doctor': it names the table and what to do.", file=sys.stderr)
        return MachineError.exit_code


def _is_of_tables(error: Exception) -> bool:
    """Whether an engine that reads tables raised it: delta-rs or Spark."""
    return any(kind.__module__.split(".")[0] in TABLE_READERS for kind in type(error).__mro__)


if __name__ == "__main__":
    sys.exit(main())
