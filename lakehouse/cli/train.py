"""`lakehouse train MODEL`: a model of conf/models, from its examples to a version in MLflow, and perhaps champion."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

if TYPE_CHECKING:
    from lakehouse.config.layers import Conf
    from lakehouse.modelling.life import Outcome
    from lakehouse.modelling.spec import Model
    from lakehouse.modelling.table import Table


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The model, and other examples than its YAML's."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file of conf/models, without .yaml")]
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="a table of the YAML's form (default: the YAML's own)")
    ] = None


def run(options: Options) -> int:
    """Train, judge, record; print the figures and what became of it."""
    from lakehouse.modelling import life, store

    conf = conf_of(options)
    model = life.model_of(conf, options.model)
    table = examples(conf, model, options.file)
    outcome = life.trained_and_judged(store.of_conf(conf), model, table)
    for line in report(outcome):
        print(line)
    return 0


def examples(conf: "Conf", model: "Model", file: Path | None, is_labelled: bool = True) -> "Table":
    """The model's examples, from a file or from the lake as it is.

    Args:
        is_labelled: whether the label must be there.

    Raises:
        ConfigError: the model has no examples of its own, and no file was given.
    """
    from lakehouse.errors import ConfigError
    from lakehouse.modelling import landed, table

    if file is not None or model.examples.file:
        return table.of_file(model, file, is_labelled)
    if not model.examples.table:
        raise ConfigError("it says neither table nor file", f"models/{model.model}.yaml", "give one with --file FILE")
    from lakehouse.lake.reader import Reader

    reader = Reader(conf.profile.path(conf.profile.lake))
    delta = reader.table(model.examples.table, reader.versions())
    made = landed.examples_of(model, delta.to_pyarrow_table(), is_labelled)
    made.versions[model.examples.table] = str(delta.version())
    return made


def report(outcome: "Outcome") -> list[str]:
    """What a person wants to know of a training."""
    found, trained = outcome.trained.evaluation, outcome.trained
    became = "is champion" if outcome.is_champion else "stays challenger"
    lines = [f"{trained.model.model} version {outcome.version} {became}: {outcome.comparison.reason}"]
    lines += [f"  {trained.scorer.form}; {trained.data.split.about}"]
    lines += [f"  {name} {figure}".replace(" (nan to nan)", "") for name, figure in found.figures.items()]
    lines += [f"  {name}: {value:.3f} ({count:,} examples)" for name, (value, count) in found.slices.items()]
    lines += [f"  note: {note}" for note in trained.notes]
    lines += [f"  alarm: {alarm}" for alarm in found.alarms]
    return lines
