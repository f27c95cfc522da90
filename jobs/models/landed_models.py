"""Models: train every model of what the company lands (leads, risk, deals, machines); the better one is promoted.

Reads   bronze.* (the tables that they name)
Writes  registered models in MLflow, by their names in conf/models; runs when it is named (weekly), not every night
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.models.landed import scores, serving
from jobs.models.settings.churn import as_of_morning
from lakehouse.config.layers import Conf, Profile
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.modelling import store
from lakehouse.modelling.spec import Model
from lakehouse.sql.query import Query

READS = ("bronze.*", "identity.customer_map")
WRITES = "mlflow.landed_models"
ON_DEMAND = True


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """What a training promotes scores from the next night on; one that fails stops no other."""
    for purpose in serving.PURPOSES:
        for model in serving.of_purpose(lake.conf, purpose):
            if why := trained(lake, model, as_of_morning(run_date) + timedelta(days=1)):
                lake.note(WRITES, f"{model.model} was not trained: {why}")


def queries(conf: Conf, _run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    for purpose in serving.PURPOSES:
        yield from scores.queries(conf, purpose)


def trained(lake: Lake, model: Model, serves_from: date) -> str:
    """Train one; why it could not be, "" where it was."""
    models = store.of_models(lake.conf, of_lake(lake))
    try:
        examples = serving.examples_of(lake, model)
        if isinstance(examples, str):
            return examples
        serving.trained(lake, models, model, examples, serves_from)
    except LakehouseError as error:
        return error.paragraph()
    return ""
