"""The `lakehouse` command. Exit codes: 0 done, 1 a gate or check failed, 2 usage or configuration, 3 environment."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError

COMMANDS = {  # name: (module with add_arguments and run, help)
    "night": ("lakehouse.cli.night", "run a whole night in one Spark session"),
    "run": ("lakehouse.cli.run", "run steps, rooms or jobs"),
    "plan": ("lakehouse.cli.plan", "what would run, and why"),
    "sample": ("lakehouse.cli.sample", "write the sample company's channel exports"),
    "new-export": ("lakehouse.cli.new_export", "propose an export's YAML from a file"),
    "check": ("lakehouse.cli.check", "validate all of conf and preview mapped rows, without Spark"),
    "contracts": ("lakehouse.cli.contracts", "write contracts in the Open Data Contract Standard's form"),
    "sql": ("lakehouse.cli.sql", "query tables by name"),
    "tables": ("lakehouse.cli.tables", "the data dictionary"),
    "lineage": ("lakehouse.cli.lineage", "from which columns of the exports a column comes, and what is made of it"),
    "summary": ("jobs.report.commands.summary", "what the last night did, and where to look"),
    "linkage": ("jobs.identity.commands.linkage", "precision and recall of the customer map against a truth file"),
    "explain": ("jobs.identity.commands.explain", "what holds a customer's accounts together, and what nearly matched"),
    "decide": ("jobs.identity.commands.decide", "say which accounts are one person, and which never are"),
    "resolve": ("jobs.identity.commands.resolve", "what became of a customer id, as of any day"),
    "tags": ("jobs.gold.commands.tags", "try tags of conf/tags.yaml: counts, examples, what would change"),
    "segments": ("jobs.gold.commands.segments", "try segments of conf/segments.yaml: counts, overlap, changes"),
    "shell": ("lakehouse.cli.shell", "a Python shell with a session and the lake"),
    "doctor": ("lakehouse.cli.doctor", "check this machine and the lake, and say what to do"),
}


def parser(name: str | None = None) -> argparse.ArgumentParser:
    """The command line's grammar; only the asked command's module is imported."""
    top = argparse.ArgumentParser(prog="lakehouse", description=__doc__)
    subs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, (module, text) in COMMANDS.items():
        sub = subs.add_parser(command, help=text, description=text)
        if command == name:
            importlib.import_module(module).add_arguments(sub)
            common(sub)
    return top


def common(sub: argparse.ArgumentParser) -> None:
    """Options of every command."""
    sub.add_argument(
        "--conf",
        action="append",
        type=Path,
        default=None,
        metavar="DIR",
        help="a configuration layer of yours, above the packaged one; may be repeated "
        "(default: $LAKEHOUSE_CONF, else conf/sample)",
    )
    sub.add_argument("--profile", default=os.environ.get("LAKEHOUSE_PROFILE", "local"), help="a file of conf/profiles")
    sub.add_argument("--lake", metavar="DIR", help="the lake's folder (default: the profile's)")
    sub.add_argument("--drop", metavar="DIR", help="the drop zone (default: the profile's)")


def conf_of(options: argparse.Namespace) -> Conf:
    """The configuration that the options ask for."""
    from lakehouse.config.documents import packaged

    layers = options.conf
    if layers is None:
        named = os.environ.get("LAKEHOUSE_CONF", "")
        layers = [Path(p) for p in named.split(os.pathsep) if p] or [packaged("conf") / "sample"]
    places = {
        k: str(Path(v).absolute()) if "://" not in v else v
        for k in ("lake", "drop")
        if (v := getattr(options, k, None))
    }
    return Conf(layers, options.profile, places)


def day(text: str) -> date | None:
    """A date as typed, '' for none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date; write it as 2017-10-01") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser(words[0] if words else None).parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        return int(importlib.import_module(COMMANDS[options.command][0]).run(options))
    except LakehouseError as error:
        if os.environ.get("LAKEHOUSE_DEBUG"):
            raise
        print(f"lakehouse: {error.paragraph()}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("lakehouse: stopped; what was published stays, the next run resumes there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
