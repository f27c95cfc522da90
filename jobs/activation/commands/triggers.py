"""`lakehouse triggers try [NAME]`: the funnels of conf/triggers.yaml as tonight's would be, without a JVM."""

from jobs.activation.commands.message_trials import Options, show

__all__ = ["Options", "run"]


def run(options: Options) -> int:
    """Print the funnels; exit code 2 for a name or definition that cannot be used."""
    return show(options, "triggers")
