"""MLflow as rooms use it: our store, one experiment and one registered model per kind, an alias for what serves.

MLflow is imported inside functions: it takes seconds, and most callers never need it.
"""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from lakehouse.config.documents import home
from lakehouse.config.layers import Profile

ALIAS = "champion"
SERVES_FROM = "serves_from"  # tag of a promoted version: the first day that it may serve
UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


def tracking_uri(profile: Profile) -> str:
    """The profile's URI; a relative SQLite file starts from the project's folder, as every path of a profile does."""
    uri = profile.mlflow_tracking_uri
    kind, scheme, file = uri.partition("sqlite:///")
    return f"sqlite:///{profile.path(file)}" if scheme and not kind else uri


def artifact_location(uri: str, name: str) -> str | None:
    """A folder beside the SQLite file; a server keeps artifacts where it was told to."""
    file = uri.removeprefix("sqlite:///")
    return (Path(home(), file).parent / "artifacts" / name).as_uri() if file != uri else None


def connected(uri: str) -> Any:
    """MLflow's module, pointed at our store, without telemetry and progress bars."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # seven would hold a night up for minutes
    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow


def experiment_id(mlflow: Any, uri: str, name: str) -> str:
    """The id of an experiment; made on first use."""
    experiment = mlflow.get_experiment_by_name(name)
    if experiment:
        return str(experiment.experiment_id)
    return str(mlflow.create_experiment(name, artifact_location=artifact_location(uri, name)))


def made_version(mlflow: Any, name: str, about: str, logged: Any, run_id: str, **facts: Any) -> str:
    """Register a logged model under a name, which is made on first use; the new version.

    Args:
        about: what the models of this name are, in a sentence.
        **facts: tags and description of the version.
    """
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description=about)
    # the fluent form prints into the night's progress
    made = client.create_model_version(name, logged.model_uri, run_id, model_id=logged.model_id, **facts)
    return str(made.version)


def aliased_version(uri: str, name: str) -> str | None:
    """The version that the champion's alias points at, None where there is none.

    Of our own SQLite store it is read directly: a night that only asks need not load MLflow, which takes seconds.

    Raises:
        sqlite3.Error, MlflowException: the store cannot be read.
    """
    file = uri.removeprefix("sqlite:///")
    if file == uri:
        registered = aliased(connected(uri).MlflowClient(), name)
        return str(registered.version) if registered else None
    if not Path(file).is_file():
        return None
    with closing(sqlite3.connect(f"file:{Path(file).resolve()}?mode=ro", uri=True)) as store:
        sql = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"
        row = store.execute(sql, (name, ALIAS)).fetchone()
    return str(row[0]) if row else None


def aliased(client: Any, name: str) -> Any | None:
    """The version that the champion's alias points at, None where there is none."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, ALIAS)
    except MlflowException as error:
        if error.error_code in UNKNOWN:
            return None
        raise
