"""`lakehouse summary`: what the last night did, and where to look."""

import argparse
from datetime import date

from jobs.cli import conf_of
from jobs.config import Conf


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the summary of the last night."""
    show(conf_of(options), None)
    return 0


def show(conf: Conf, run_date: date | None) -> None:
    """Print the summary of a day's night (None: the last)."""
