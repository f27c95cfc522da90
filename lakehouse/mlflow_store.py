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
from lakehouse.errors import ConfigError

ALIAS = "champion"
SERVES_FROM = "serves_from"  # tag of a promoted version: the first day that it may serve
CHAMPION = """
    SELECT a.name, a.version, m.value, v.value FROM registered_model_aliases a
    LEFT JOIN registered_model_tags m ON m.name = a.name AND m.key = ?
    LEFT JOIN model_version_tags v ON v.name = a.name AND v.version = a.version AND v.key = ?
    WHERE a.name = ? AND a.alias = ?"""
DATABASES = ("postgresql", "mysql", "mssql")  # of a server: MLflow speaks to it without a server of its own
ARTIFACTS = "LAKEHOUSE_MLFLOW_ARTIFACTS"  # where models' files go then
ANSWER_SECONDS = 5
UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


def tracking_uri(profile: Profile) -> str:
    """The profile's URI, or the one that `env:NAME` there names, since a database's has a password in it.

    A relative SQLite file starts from the project's folder, as every path of a profile does.

    Raises:
        ConfigError: the variable is not set.
    """
    uri = profile.mlflow_tracking_uri
    if uri.startswith("env:"):
        uri = os.environ.get(uri.removeprefix("env:"), "")
        if not uri:
            name = profile.mlflow_tracking_uri.removeprefix("env:")
            raise ConfigError(f"${name} is not set", "mlflow_tracking_uri", f"export {name}=<MLflow's store or server>")
    kind, scheme, file = uri.partition("sqlite:///")
    return f"sqlite:///{profile.path(file)}" if scheme and not kind else uri


def artifact_location(uri: str, name: str) -> str | None:
    """A folder beside the SQLite file; a server of MLflow's keeps artifacts where it was told to.

    Raises:
        ConfigError: the store is a database, and nothing says where the files go.
    """
    if is_database(uri):
        place = os.environ.get(ARTIFACTS, "").rstrip("/")
        if not place:
            what = "MLflow's store is a database, and nothing says where models' files go"
            raise ConfigError(
                what, "mlflow_tracking_uri", f"export {ARTIFACTS}=<a folder or URI that all machines reach>"
            )
        return f"{place if '://' in place else Path(home(), place).as_uri()}/{name}"
    file = uri.removeprefix("sqlite:///")
    return (Path(home(), file).parent / "artifacts" / name).as_uri() if file != uri else None


def is_database(uri: str) -> bool:
    """Whether MLflow's store is a database server's, to which it connects by itself."""
    return uri.partition("://")[0].partition("+")[0] in DATABASES


_answered: set[str] = set()


def make_sure(uri: str) -> None:
    """Ask a database once, shortly: MLflow itself tries for minutes.

    Raises:
        ConnectionError: it does not answer; its own text may name the account and is not passed on.
    """
    if uri in _answered:
        return
    import sqlalchemy

    wait = {"connect_timeout": ANSWER_SECONDS} if uri.startswith("postgresql") else {}
    try:
        engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool, connect_args=wait)
        engine.connect().close()
    except (ImportError, sqlalchemy.exc.SQLAlchemyError) as error:
        raise ConnectionError(f"the database does not answer ({type(error).__name__})") from None
    _answered.add(uri)


def connected(uri: str) -> Any:
    """MLflow's module, pointed at our store, without telemetry and progress bars.

    Raises:
        ConnectionError: its database does not answer.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # seven would hold a night up for minutes
    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    if is_database(uri):
        make_sure(uri)
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
