"""MLflow's store: schema made once, artifacts inside the clone."""

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from lakehouse.setup.places import Places, here


def main(places: Places) -> None:
    """Create var/mlflow/mlflow.db with its schema, and the folder that runs keep their artifacts in."""
    artifacts = places.mlflow / "artifacts"
    artifacts.mkdir(parents=True, exist_ok=True)
    SqlAlchemyStore(f"sqlite:///{places.mlflow / 'mlflow.db'}", artifacts.as_uri())


if __name__ == "__main__":
    main(here())
