"""The grammar of the command line: Typer's groups and suggestions over modules that are imported when asked for."""

import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.options import Options
from lakehouse.ops import logs

USAGE_ERROR: Any = typer.BadParameter.__base__  # Typer gives the base of its usage errors no public name
STOPPED = 130  # what a shell gives for a command ended by Ctrl-C


class LazyCommands(TyperGroup):
    """Lists every command by the table of commands alone, and imports the module of the one that runs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, command in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=command.text, rich_help_panel=command.audience)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 Typer's signature
        """All names, in the order of the table: by audience."""
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The asked command with its options, or what was probably meant."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else loaded(name), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 Typer's signature
        """The help's lists of commands, one for each audience."""
        by_audience: dict[str, list[tuple[str, str]]] = {}
        for name, command in COMMANDS.items():
            by_audience.setdefault(command.audience, []).append((name, command.text))
        for audience, rows in by_audience.items():
            with formatter.section(audience):
                formatter.write_dl(rows)


class Suggesting(TyperCommand):
    """A command that names the option which a misspelt one was meant to be."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer does, with its list of possible options said as a question."""
        try:
            return super().parse_args(ctx, args)
        except USAGE_ERROR as error:
            if possible := getattr(error, "possibilities", None):
                error.message = f"{error.message.rstrip('.')}. Did you mean {' or '.join(sorted(possible))}?"
                error.possibilities = None
            raise


def loaded(name: str) -> TyperCommand:
    """The command of a name, made from its module: the fields of its `Options` are its options."""
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=Suggesting, help=command.text)(_callback(module.Options, module.run))
    made = typer.main.get_command(single)
    assert isinstance(made, TyperCommand)
    return made


def _callback(options: type[Options], run: Callable[[Any], int]) -> Callable[..., None]:
    """A function whose parameters are the options' fields, as Typer reads them."""

    def command(**values: Any) -> None:
        given = options(**values)
        logs.configure(given.log_level, given.log_format)
        try:
            code = run(given)
        except KeyboardInterrupt:
            print("lakehouse: stopped; what was published stays, the next run resumes there.", file=sys.stderr)
            code = STOPPED
        raise typer.Exit(code)

    command.__signature__ = inspect.signature(options, eval_str=True)  # type: ignore[attr-defined]
    command.__annotations__ = {name: field.type for name, field in options.__dataclass_fields__.items()}
    return command
