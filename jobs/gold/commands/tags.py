"""`lakehouse tags try [NAME]`: what the tags of conf/tags.yaml would do tonight, without a JVM."""

import argparse

from jobs.gold.commands.rule_trials import add_arguments, show

__all__ = ["add_arguments", "run"]


def run(options: argparse.Namespace) -> int:
    """Print the trials; exit code 2 for a rule that cannot be used."""
    return show(options, "tags")
