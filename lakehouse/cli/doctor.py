"""`lakehouse doctor`: check this machine and the lake, and say what to do. Exit code 3 when something must be done."""

import argparse

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakehouse.cli.main import conf_of

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing of its own."""


def run(options: argparse.Namespace) -> int:
    """Print a line per check."""
    from lakehouse.doctor import diagnoses

    found = list(diagnoses(conf_of(options)))
    table = Table("", "what", "found", "what to do", header_style="bold")
    for item in found:
        table.add_row(Text(item.level, COLOURS[item.level]), item.name, item.text, item.remedy)
    Console().print(table)
    return 3 if any(item.level == "fail" for item in found) else 0
