"""`lakehouse score MODEL --out FILE`: the champion's answers for a table, with rank and reasons in words."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

if TYPE_CHECKING:
    from lakehouse.modelling.store import Store, Version


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The model, the rows to score, and where the answers go."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file of conf/models, without .yaml")]
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="rows of the YAML's form; the label may be missing")
    ] = None
    out: Annotated[Path, typer.Option(metavar="FILE", help="CSV with subject, answer, rank and reasons")]


def run(options: Options) -> int:
    """Score, write, and say by which version."""
    from lakehouse.cli.train import examples
    from lakehouse.modelling import answers, life, scorer, store

    conf = conf_of(options)
    model = life.model_of(conf, options.model)
    serving = champion(store.of_conf(conf), options.model)
    table = examples(conf, model, options.file, is_labelled=False)
    made = answers.answered(model, scorer.load(serving.folder), table.frame).assign(model_version=serving.number)
    made.to_csv(options.out, index=False)
    print(f"{options.out}: {len(made):,} rows by version {serving.number} of {options.model}")
    for note in table.notes:
        print(f"  note: {note}")
    return 0


def champion(models: "Store", kind: str) -> "Version":
    """The version that serves.

    Raises:
        LakehouseError: there is none, or its files are not as they were signed.
    """
    from lakehouse.errors import LakehouseError

    serving = models.champion(kind)
    if serving is None:
        raise LakehouseError("it has no champion yet", kind, f"lakehouse train {kind}")
    return serving
