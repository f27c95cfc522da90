"""`lakehouse new-model FILE --label COLUMN`: propose a model's YAML from a table with a label, without Spark."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The table, its label, and where the proposal goes."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (.gz too) or Parquet, a row per example")]
    label: Annotated[str, typer.Option(metavar="COLUMN", help="the column with what came true")]
    positive: Annotated[str, typer.Option(metavar="VALUE", help="the value that counts as 1 (default: found)")] = ""
    name: Annotated[str, typer.Option(help="the model's name (default: from the file's name)")] = ""
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="layer to write to (the last --conf, else conf/own)")
    ] = None
    only_print: Annotated[bool, typer.Option("--print", help="print the proposal and write nothing")] = False
    force: Annotated[bool, typer.Option("--force", help="replace a model of that name")] = False


def run(options: Options) -> int:
    """Write the proposal and say what comes next."""
    from lakehouse.config.documents import packaged, shown
    from lakehouse.errors import ConfigError
    from lakehouse.modelling.proposal import proposal

    layer = options.out or (options.conf[-1] if options.conf else Path("conf") / "own")
    folder = layer / "models"
    name = options.name or name_of(options.file)
    schema = packaged("conf") / "schema" / "model.schema.json"
    address = os.path.relpath(schema, folder) if schema.exists() else ""
    made = proposal(options.file, options.label, name, options.positive, address)
    if options.only_print:
        print(made.text, end="")
        return 0
    path = folder / f"{name}.yaml"
    if path.exists() and not options.force:
        raise ConfigError("this model exists", shown(path), "give --name another name, or --force to replace it")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(made.text, encoding="utf-8")
    print(shown(path))
    for sentence in made.found:
        print(f"  found: {sentence}")
    print(f"Next: say what stands as TODO, then\n  lakehouse train {name} --conf {shown(layer)} --file {options.file}")
    return 0


def name_of(file: Path) -> str:
    """A model's name from a file's."""
    words = re.sub(r"[^a-z0-9]+", "_", file.name.split(".")[0].lower()).strip("_")
    return (words if words[:1].isalpha() else f"model_{words}")[:60]
