"""`lakehouse segments try [NAME]`: what the segments of conf/segments.yaml would do tonight, without a JVM."""

from jobs.gold.commands.rule_trials import Options, show

__all__ = ["Options", "run"]


def run(options: Options) -> int:
    """Print the trials; exit code 2 for a rule that cannot be used."""
    return show(options, "segments")
