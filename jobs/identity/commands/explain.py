"""`lakehouse explain customer ID`: what holds a customer's accounts together, and what nearly matched; no JVM."""

import argparse
from pathlib import Path

from lakehouse.cli.main import conf_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The customer, and how to show it."""
    parser.add_argument(
        "customer_id",
        nargs="+",
        metavar="[customer] ID",
        help="any id ever issued; one that was merged leads to the one that lives",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the match-weight charts instead")
    parser.add_argument(
        "--show-values",
        action="store_true",
        help="also the compared values, which are personal; levels of agreement are not",
    )


def run(options: argparse.Namespace) -> int:
    """Print the explanation or write the page."""
    from rich.console import Console

    from jobs.identity.explaining import explain, explain_page, explain_text
    from lakehouse.errors import ConfigError

    *subject, customer_id = options.customer_id
    if subject not in ([], ["customer"]):
        raise ConfigError("one customer at a time is explained", "explain", "give 'customer' and one id, or the id")
    found = explain.explain(conf_of(options), customer_id.strip())
    console = Console()
    if options.html is None:
        explain_text.show(found, console, options.show_values)
    else:
        explain_page.write(found, options.html, options.show_values)
        console.print(f"written to {options.html}")
    return 0
