"""Every command in one table: the module it lives in, as text, what it does, and for whom."""

from typing import NamedTuple

ON_WATCH, ANALYST, SCIENTIST = "Person on watch", "Analyst", "Data scientist"
STEWARD, DEVELOPER = "Data steward", "Developer"


class Command(NamedTuple):
    """A command of the line.

    Args:
        module: has `Options` (a dataclass of its options) and `run`; imported when the command is asked for.
        text: what it does, in a line of the help.
        audience: the group it stands in.
    """

    module: str
    text: str
    audience: str


COMMANDS = {
    "night": Command("lakehouse.cli.night", "run a whole night in one Spark session", ON_WATCH),
    "run": Command("lakehouse.cli.run", "run steps, rooms or jobs", ON_WATCH),
    "plan": Command("lakehouse.cli.plan", "what would run, and why", ON_WATCH),
    "summary": Command("jobs.report.commands.summary", "what the last night did, and where to look", ON_WATCH),
    "doctor": Command("lakehouse.cli.doctor", "check this machine and the lake, and say what to do", ON_WATCH),
    "restore": Command(
        "lakehouse.cli.restore", "bring damaged tables back, or the whole lake to an earlier night", ON_WATCH
    ),
    "backfill": Command("lakehouse.cli.backfill", "run the nights of past days that are missing, in order", ON_WATCH),
    "replay": Command(
        "lakehouse.cli.replay", "put quarantined lines through again after a fix, or list them", ON_WATCH
    ),
    "accept-volume": Command(
        "lakehouse.cli.accept_volume", "say that a volume that a night held is right, so that it goes on", ON_WATCH
    ),
    "sql": Command("lakehouse.cli.sql", "query tables by name", ANALYST),
    "tables": Command("lakehouse.cli.tables", "the data dictionary", ANALYST),
    "lineage": Command(
        "lakehouse.cli.lineage", "from which columns of the exports a column comes, and what is made of it", ANALYST
    ),
    "shell": Command("lakehouse.cli.shell", "a Python shell with a session and the lake", SCIENTIST),
    "train": Command(
        "lakehouse.cli.train", "train a model of conf/models, and promote it when it is better", SCIENTIST
    ),
    "score": Command("lakehouse.cli.score", "the champion's answers for a table, with reasons in words", SCIENTIST),
    "models": Command("lakehouse.cli.models", "all models: champion, challenger, age, figures, alarms", SCIENTIST),
    "promote": Command(
        "lakehouse.cli.promote", "let a version of a model serve; written down with the reason", SCIENTIST
    ),
    "rollback": Command("lakehouse.cli.rollback", "let the champion before the present one serve again", SCIENTIST),
    "new-model": Command("lakehouse.cli.new_model", "propose a model's YAML from a table with a label", SCIENTIST),
    "uplift": Command(
        "lakehouse.cli.uplift", "what the table of an experiment shows: effect, uplift, whom to act on", SCIENTIST
    ),
    "linkage": Command(
        "jobs.identity.commands.linkage", "precision and recall of the customer map against a truth file", SCIENTIST
    ),
    "experiment": Command(
        "jobs.gold.commands.experiment",
        "customers and days that an experiment of conf/experiments needs",
        SCIENTIST,
    ),
    "new-export": Command("lakehouse.cli.new_export", "propose an export's YAML from a file", STEWARD),
    "check": Command("lakehouse.cli.check", "validate all of conf and preview mapped rows, without Spark", STEWARD),
    "tags": Command(
        "jobs.gold.commands.tags", "try tags of conf/tags.yaml: counts, examples, what would change", STEWARD
    ),
    "segments": Command(
        "jobs.gold.commands.segments", "try segments of conf/segments.yaml: counts, overlap, changes", STEWARD
    ),
    "audiences": Command(
        "jobs.activation.commands.audiences", "try audiences of conf/audiences.yaml: who is left, and why", STEWARD
    ),
    "triggers": Command(
        "jobs.activation.commands.triggers", "try triggers of conf/triggers.yaml: who is left, and why", STEWARD
    ),
    "deliver": Command(
        "jobs.activation.commands.deliver",
        "hand the last night's messages over to destinations; stop and release",
        ON_WATCH,
    ),
    "decide": Command(
        "jobs.identity.commands.decide", "say which accounts are one person, and which never are", STEWARD
    ),
    "explain": Command(
        "lakehouse.cli.explain",
        "where one value comes from, down to lines of files; why a customer's accounts are one, or was written to",
        STEWARD,
    ),
    "resolve": Command("jobs.identity.commands.resolve", "what became of a customer id, as of any day", STEWARD),
    "sample": Command("lakehouse.cli.sample", "write the sample company's channel exports", DEVELOPER),
    "contracts": Command(
        "lakehouse.cli.contracts", "write contracts in the Open Data Contract Standard's form", DEVELOPER
    ),
    "reference": Command(
        "lakehouse.cli.reference",
        "write the pages of the reference, from contracts, settings and docstrings",
        DEVELOPER,
    ),
}
