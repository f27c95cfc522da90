"""MLflow as rooms use it: our store, an experiment per kind of model, an alias for what serves.

MLflow is imported inside functions: it takes seconds, and most callers never need it.
"""

import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from lakehouse.config.documents import home
from lakehouse.config.layers import Profile

ALIAS = "champion"
SERVES_FROM = "serves_from"  # tag of a promoted version: the first day that it may serve
CHAMPION = """
    SELECT a.name, a.version, m.value, v.value FROM registered_model_aliases a
    LEFT JOIN registered_model_tags m ON m.name = a.name AND m.key = ?
    LEFT JOIN model_version_tags v ON v.name = a.name AND v.version = a.version AND v.key = ?
    WHERE a.name = ? AND a.alias = ?"""
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


def name_filter(name: str) -> str:
    """What MLflow's search takes for the models of exactly this name.

    Raises:
        ValueError: MLflow's filters have no way to write the name.
    """
    quote = "'" if "'" not in name else '"'
    if quote in name or "\\" in name:
        raise ValueError("a model's name may not hold both kinds of quotes or a backslash")
    return f"name = {quote}{name}{quote}"


class Alias(NamedTuple):
    """Where the champion's alias of a registered model points; tags are None where they are missing."""

    name: str
    version: str
    model_tag: str | None
    version_tag: str | None


def aliases_in_file(uri: str, names: Sequence[str], tag: str) -> list[Alias] | None:
    """Champions of these names and what a tag says of them, read from our own SQLite file; None of a server.

    A night that only asks need not load MLflow, which takes seconds.

    Args:
        names: the answer is in their order.
        tag: a key; its values of the registered model and of the version come with it.

    Raises:
        sqlite3.Error: the store cannot be read.
    """
    file = uri.removeprefix("sqlite:///")
    if file == uri:
        return None
    if not Path(file).is_file():
        return []
    with closing(sqlite3.connect(f"{Path(file).resolve().as_uri()}?mode=ro", uri=True)) as store:
        rows = [store.execute(CHAMPION, (tag, tag, name, ALIAS)).fetchone() for name in names]
    return [Alias(row[0], str(row[1]), row[2], row[3]) for row in rows if row]
