"""`lakehouse new-export FILE`: propose an export's YAML from a file, without Spark."""

import argparse
import os
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and where the proposal goes."""
    parser.add_argument("file", type=Path, help="a file as the channel delivers it")
    parser.add_argument("--name", default="", help="the export's name (default: from the file's name)")
    parser.add_argument("--channel", default="", help="the channel's name (default: from the export's name)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="layer to write to (the last --conf, else conf/own)")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the proposal and write nothing")
    parser.add_argument("--force", action="store_true", help="replace an export of that name")


def run(options: argparse.Namespace) -> int:
    """Write the proposal and say what comes next."""
    from lakehouse.authoring.proposal import proposal
    from lakehouse.config.documents import packaged, shown
    from lakehouse.errors import ConfigError

    layer = options.out or (options.conf[-1] if options.conf else Path("conf") / "own")
    schema = packaged("conf") / "schema" / "export.schema.json"
    folder = layer / "exports"
    address = os.path.relpath(schema, folder) if schema.exists() else ""
    made = proposal(options.file, options.name, options.channel, address)
    if options.only_print:
        print(made.text, end="")
        return 0
    path = folder / f"{made.name}.yaml"
    if path.exists() and not options.force:
        raise ConfigError("this export exists", shown(path), "give --name another name, or --force to replace it")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(made.text, encoding="utf-8")
    print(f"{shown(path)}: {', '.join(dict.fromkeys(made.tables)) or 'no target yet'}")
    for check in made.checks:
        print(f"  check: {check}")
    print(
        f"Next: look at it, then\n"
        f"  lakehouse check --conf {shown(layer)} --export {made.name} --file {options.file}\n"
        f"  put the file into the drop zone, under drop/<YYYY-MM-DD>/, and run\n"
        f"  lakehouse night --conf {shown(layer)}"
    )
    return 0
