"""The page of the command line: each command by audience, with its arguments and options."""

from typing import Any

from typer.core import TyperArgument

from lakehouse.cli import grammar
from lakehouse.cli.commands import COMMANDS
from lakehouse.cli.options import Options
from lakehouse.cli.reference_pages import markdown

COMMON = tuple(Options.__dataclass_fields__)
INTRO = "Exit codes: 0 done, 1 a gate or check failed, 2 usage or configuration, 3 environment; 130 stopped by Ctrl-C."


def pages() -> dict[str, str]:
    """File name -> Markdown."""
    parts: list[str] = []
    for audience in dict.fromkeys(command.audience for command in COMMANDS.values()):
        parts += [f"## {audience}", ""]
        parts += [_command(name) for name, command in COMMANDS.items() if command.audience == audience]
    every = [parameter for parameter in grammar.loaded("doctor").params if parameter.name in COMMON]
    return {
        "command-line.md": markdown.page("Command line", INTRO, *parts, "## Options of every command\n", _rows(every))
    }


def _command(name: str) -> str:
    own = [p for p in grammar.loaded(name).params if p.name not in (*COMMON, "help")]
    return f"### lakehouse {name}\n\n{markdown.sentence(COMMANDS[name].text)}\n\n{_rows(own)}"


def _rows(parameters: list[Any]) -> str:
    return markdown.table(("argument or option", "meaning"), [(f"`{_spelling(p)}`", p.help or "") for p in parameters])


def _spelling(parameter: Any) -> str:
    if isinstance(parameter, TyperArgument):
        many = " ..." if parameter.nargs == -1 else ""
        return f"{parameter.metavar or parameter.name.upper()}{many}"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return "/".join(parameter.opts) + value
