"""`lakehouse uplift FILE`: what an experiment shows, and whom to act on; without Spark and without MLflow."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The table, its groups and its outcome."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (.gz too) or Parquet, a row per person")]
    treatment: Annotated[str, typer.Option(metavar="COLUMN", help="the column with the group")]
    outcome: Annotated[str, typer.Option(metavar="COLUMN", help="the column with what came of it")]
    treated: Annotated[str, typer.Option(metavar="VALUE", help="the treated group (default: true, yes or 1)")] = ""
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="not known before the treatment; may be repeated")
    ] = None
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV with each row's uplift by learner")] = None


def run(options: Options) -> int:
    """Read it and say what it shows."""
    from lakehouse.modelling import experiments

    told = (options.treatment, options.outcome, options.treated, tuple(options.forbid or ()))
    reading = experiments.read(options.file, *told)
    for sentence in reading.sentences():
        print(sentence)
    if options.out is not None:
        reading.scores.to_csv(options.out, index_label="row")
    return 0
