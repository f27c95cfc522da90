"""`lakehouse explain`: where a value comes from (TABLE.COLUMN --key K), why a customer is one, or was written to."""

import importlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day
from lakehouse.errors import ConfigError

CUSTOMERS = "jobs.identity.commands.explain"  # what the other forms are answered by; rooms are named as text
CONTACTS = "jobs.activation.commands.contact"
COLUMN = re.compile(r"[a-z]+\.[a-z_][a-z0-9_]*\.\w+")


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """What is asked about, and how to show it."""

    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE.COLUMN | [customer|account] ID | contact ID",
            help="a column (and --key); any customer id ever issued, or an account's; or why that customer was "
            "written to, and why not",
        ),
    ]
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="K", help="the row: its key, or COLUMN=VALUE for each part of one; may be repeated"),
    ] = None
    as_of: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="the value that the night of D published")
    ] = None
    on: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="of contact: the night of D (default: the last)")
    ] = None
    most: Annotated[int, typer.Option(min=1, help="rows of a table and lines of a file that are shown")] = 5
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="of a customer: a page with a graph of its accounts instead"),
    ] = None
    show_values: Annotated[
        bool, typer.Option("--show-values", help="also personal values; how well they agree is shown without")
    ] = False


def run(options: Options) -> int:
    """Print where the value comes from; an id is the identity room's to explain."""
    if options.words[0] == "contact":
        if len(options.words) != 2 or options.key or options.as_of:
            raise ConfigError("a contact is explained by one id", "explain", "write contact ID [--on D]")
        return int(importlib.import_module(CONTACTS).run(conf_of(options), options.words[1], options.on))
    if options.on:
        raise ConfigError("--on is for contact", "explain", "write contact ID --on D")
    is_column = len(options.words) == 1 and COLUMN.fullmatch(options.words[0])
    if not is_column:
        if options.key or options.as_of:
            raise ConfigError("--key and --as-of are for a column", "explain", "write TABLE.COLUMN --key K")
        return int(importlib.import_module(CUSTOMERS).run(options, options))
    if options.html:
        raise ConfigError("there is a page for customers alone", "--html", "'lakehouse lineage --html' draws columns")
    from lakehouse.authoring.tracing import explain, text

    told = explain.explain(conf_of(options), options.words[0], options.key or (), options.as_of)
    print("\n".join(text.lines(told, text.Style(options.most, options.show_values))))
    return 0
