"""`lakehouse doctor`: check this machine and the lake, and say what to do. Exit code 3 when something must be done."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


Options = common.Options


def run(options: Options) -> int:
    """Print a line per check."""
    from lakehouse.doctor import diagnoses

    results = list(diagnoses(conf_of(options)))
    table = Table("", "what", "found", "what to do", header_style="bold")
    for item in results:
        table.add_row(Text(item.level, COLOURS[item.level]), item.name, item.text, item.remedy)
    Console().print(table)
    return 3 if any(item.level == "fail" for item in results) else 0
