"""`lakehouse explain customer ID`: what holds a customer's accounts together, and what nearly matched; no JVM."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The customer, and how to show it."""

    customer_id: Annotated[
        list[str],
        typer.Argument(
            metavar="[customer] ID", help="any id ever issued; one that was merged leads to the one that lives"
        ),
    ]
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write a page with the match-weight charts instead")
    ] = None
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="also the compared values, which are personal; levels of agreement are not"),
    ] = False


def run(options: Options) -> int:
    """Print the explanation or write the page."""
    from rich.console import Console

    from jobs.identity.explaining import explain, explain_page, explain_text
    from lakehouse.errors import ConfigError

    *leading_words, customer_id = options.customer_id
    if leading_words not in ([], ["customer"]):
        raise ConfigError("one customer at a time is explained", "explain", "give 'customer' and one id, or the id")
    explanation = explain.explain(conf_of(options), customer_id.strip())
    console = Console()
    if options.html is None:
        explain_text.show(explanation, console, options.show_values)
    else:
        explain_page.write(explanation, options.html, options.show_values)
        console.print(f"written to {options.html}")
    return 0
