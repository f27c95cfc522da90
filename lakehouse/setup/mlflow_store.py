"""MLflow's store: schema made once, artifacts inside the clone."""

from pathlib import Path

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from lakehouse.setup.places import Places, here


def main(places: Places) -> None:
    """Create the store's schema, and the folder that runs keep their artifacts in."""
    if "://" not in places.mlflow_artifacts or places.mlflow_artifacts.startswith("file://"):
        Path(places.mlflow_artifacts.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    SqlAlchemyStore(places.mlflow_database, places.mlflow_artifacts)


if __name__ == "__main__":
    main(here())
