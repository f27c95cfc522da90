"""`lakehouse new-export FILE`: propose an export's YAML from a file, without Spark."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The file, and where the proposal goes."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="a file as the channel delivers it")]
    name: Annotated[str, typer.Option(help="the export's name (default: from the file's name)")] = ""
    channel: Annotated[str, typer.Option(help="the channel's name (default: from the export's name)")] = ""
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="layer to write to (the last --conf, else conf/own)")
    ] = None
    only_print: Annotated[bool, typer.Option("--print", help="print the proposal and write nothing")] = False
    force: Annotated[bool, typer.Option("--force", help="replace an export of that name")] = False


def run(options: Options) -> int:
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
    for title, sentences in (("found", made.notes.found), ("left out", made.notes.left_out), ("check", made.checks)):
        for sentence in sentences:
            print(f"  {title}: {sentence}")
    print(
        f"Next: look at it, then\n"
        f"  lakehouse check --conf {shown(layer)} --export {made.name} --file {options.file}\n"
        f"  put the file into the drop zone, under drop/<YYYY-MM-DD>/, and run\n"
        f"  lakehouse night --conf {shown(layer)}"
    )
    return 0
