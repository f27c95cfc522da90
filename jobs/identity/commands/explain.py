"""`lakehouse explain customer ID`: what holds a customer's accounts together, and what nearly matched; no JVM.

ID is a customer's, also one that was merged away, or an account's.
"""

from pathlib import Path
from typing import Protocol

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


class Asked(Protocol):
    """The options of `lakehouse explain` that are about a customer."""

    @property
    def words(self) -> list[str]:
        """An id, after the word customer or account, or alone."""

    @property
    def html(self) -> Path | None:
        """Where to write a page instead of printing."""

    @property
    def show_values(self) -> bool:
        """Whether compared values are shown, too."""


def run(options: common.Options, asked: Asked) -> int:
    """Print the explanation or write the page."""
    from rich.console import Console

    from jobs.identity.explaining import explain, explain_page, explain_text
    from lakehouse.errors import ConfigError

    *leading_words, asked_id = asked.words
    if leading_words not in ([], ["customer"], ["account"]):
        raise ConfigError("one customer at a time is explained", "explain", "give the id of a customer or an account")
    explanation = explain.explain(conf_of(options), asked_id.strip())
    console = Console()
    if asked.html is None:
        explain_text.show(explanation, console, asked.show_values)
    else:
        explain_page.write(explanation, asked.html, asked.show_values)
        console.print(f"written to {asked.html}")
    return 0
