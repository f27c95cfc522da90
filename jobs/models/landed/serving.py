"""The models of a purpose, each with its rows of tonight and the version that scores them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from jobs.models.settings.churn import as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import landed, life, store, untrainable
from lakehouse.modelling import table as table_of
from lakehouse.modelling.named import model_of, models_of
from lakehouse.modelling.spec import Model
from lakehouse.modelling.store import Version
from lakehouse.modelling.table import Table
from lakehouse.sql.query import Query

PURPOSES = ("leads", "risk", "opportunities", "maintenance")
LANDED = "bronze."
MOST_LINES = 2_000_000  # of one table: more do not fit beside the rest of a night


@dataclass(frozen=True)
class Serving:
    """A model that scores tonight.

    Attributes:
        rows: whose label is not known yet, the newest of each subject.
        examples: every row of the table.
    """

    model: Model
    version: Version
    rows: pd.DataFrame
    examples: Table


def of_purpose(conf: Conf, purpose: str) -> list[Model]:
    """The models of conf that are for it."""
    return [model for name in models_of(conf) if (model := model_of(conf, name)).purpose == purpose]


def lines_query(model: Model) -> Query:
    """Every line of the table that a model is of."""
    return Query("SELECT * FROM {lines}", {"lines": model.examples.table})


def servings(lake: Lake, run_date: date, purpose: str, table: str) -> Iterator[Serving]:
    """Each model of a purpose that can score tonight; of the others a note says why they cannot."""
    models = of_purpose(lake.conf, purpose)
    if not models:
        remedy = f"`lakehouse new-model FILE --label COLUMN` proposes one; give it purpose: {purpose}"
        lake.note(table, f"empty: no model of conf/models has purpose {purpose}; {remedy}")
    for model in models:
        try:
            found = serving(lake, run_date, model)
        except LakehouseError as error:  # one company's column is wrong: the night goes on without this model
            lake.note(table, f"{model.model} does not score: {error.paragraph()}")
            continue
        if isinstance(found, str):
            lake.note(table, f"{model.model} does not score: {found}")
        else:
            yield found


def serving(lake: Lake, run_date: date, model: Model) -> Serving | str:
    """What scores tonight, trained where nothing does yet; or why nothing can.

    Raises:
        LakehouseError: the rows are not as the YAML says, or the champion's files not as they were signed.
    """
    examples = examples_of(lake, model)
    if isinstance(examples, str):
        return examples
    models, as_of = store.of_models(lake.conf, of_lake(lake)), as_of_morning(run_date)
    version = models.serving(model.model, as_of)
    if version is None and not lake.is_replay:
        version = trained(lake, models, model, examples, as_of)
    if version is None:
        return f"it has no champion as of {as_of}"
    for note in examples.notes:
        lake.note(model.examples.table or model.model, note)
    return Serving(model, version, landed.to_score(model, examples.frame), examples)


def examples_of(lake: Lake, model: Model) -> Table | str:
    """The model's rows; or why there are none.

    Raises:
        LakehouseError: the rows are not as the YAML says.
    """
    name = model.examples.table
    if model.examples.file:
        return "a replay does not read files" if lake.is_replay else table_of.of_file(model, is_labelled=False)
    if not name.startswith(LANDED):
        return f"'{name}' is not the table of an export, as {LANDED}leads"
    if not lake.exists(name):
        return f"nothing has landed in {name} yet"
    if (count := lake.row_count(name)) > MOST_LINES:
        return f"{name} has {count:,} lines, {MOST_LINES:,} are read at most"
    made = landed.examples_of(model, lake.fetch(lines_query(model)), is_labelled=False)
    version = lake.pinned.get(name) if hasattr(lake, "pinned") else None
    made.versions = {} if version is None else {name: str(version)}
    return made


def trained(lake: Lake, models: store.Store, model: Model, examples: Table, serves_from: date) -> Version | None:
    """Who serves after a training on the rows whose labels are known.

    Raises:
        UntrainableError: they are too few, or of one kind.
        LeakError: a column looks like the label in disguise.
    """
    if model.label.column not in examples.frame:
        raise untrainable.UntrainableError(f"there is no column '{model.label.column}' to learn from")
    outcome = life.trained_and_judged(models, model, examples, serves_from, getattr(lake, "job_hash", ""))
    if not outcome.is_champion:
        lake.note(f"mlflow.{model.model}", f"version {outcome.version} stays challenger: {outcome.comparison.reason}")
    return models.serving(model.model, serves_from)
