"""Where set-up puts things, and the environment that keeps every tool inside the clone."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lakehouse.errors import MachineError


@dataclass(frozen=True)
class Places:
    """The folders of one clone; all but `root` itself are ignored by git."""

    root: Path

    @property
    def venv(self) -> Path:
        """The environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def var(self) -> Path:
        """Everything that is made here."""
        return self.root / "var"

    @property
    def jars(self) -> Path:
        """Delta's jars."""
        return self.var / "jars"

    @property
    def archive(self) -> Path:
        """The JVM's class archive."""
        return self.var / "spark" / "classes.jsa"

    @property
    def spark_properties(self) -> Path:
        """Spark's settings for spark-submit."""
        return self.var / "spark" / "spark-defaults.conf"

    @property
    def airflow(self) -> Path:
        """Airflow's home."""
        return self.var / "airflow"

    @property
    def mlflow(self) -> Path:
        """MLflow's store."""
        return self.var / "mlflow"

    @property
    def mlflow_database(self) -> str:
        """MLflow's store: LAKEHOUSE_MLFLOW_DATABASE, or the SQLite file."""
        return os.environ.get("LAKEHOUSE_MLFLOW_DATABASE") or f"sqlite:///{self.mlflow / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> str:
        """Where models' files go: LAKEHOUSE_MLFLOW_ARTIFACTS (a folder or URI), or beside the SQLite file."""
        place = os.environ.get("LAKEHOUSE_MLFLOW_ARTIFACTS") or str(self.mlflow / "artifacts")
        return place if "://" in place else (self.root / place).as_uri()

    @property
    def airflow_database(self) -> str:
        """Airflow's store: LAKEHOUSE_AIRFLOW_DATABASE, or the SQLite file."""
        return os.environ.get("LAKEHOUSE_AIRFLOW_DATABASE") or f"sqlite:///{self.airflow / 'airflow.db'}"

    @property
    def logs(self) -> Path:
        """Logs of set-up and nights."""
        return self.var / "logs"

    @property
    def stamps(self) -> Path:
        """What set-up has done, and with which inputs."""
        return self.var / "setup.json"

    def program(self, name: str) -> Path:
        """A program of the environment, for example `airflow`."""
        return self.venv / "bin" / name


def here() -> Places:
    """The clone this file stands in, or LAKEHOUSE_HOME."""
    checkout = Path(__file__).resolve().parents[2]
    return Places(Path(os.environ.get("LAKEHOUSE_HOME", checkout)))


def environment(places: Places) -> dict[str, str]:
    """The variables under which every tool runs: nothing reads or writes outside the clone but package caches."""
    own = {
        "LAKEHOUSE_HOME": places.root,
        "VIRTUAL_ENV": places.venv,
        "SPARK_HOME": places.venv / "lib" / "python3.11" / "site-packages" / "pyspark",
        "PYSPARK_PYTHON": places.python,
        "SPARK_LOCAL_DIRS": places.var / "tmp",
        "AIRFLOW_HOME": places.airflow,
        "MLFLOW_TRACKING_URI": places.mlflow_database,
        "MPLCONFIGDIR": places.var / "matplotlib",
        "TMPDIR": places.var / "tmp",
    }
    quiet = {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "GX_ANALYTICS_ENABLED": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    }
    path = os.pathsep.join([str(places.venv / "bin"), os.environ.get("PATH", os.defpath)])
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW__", "PYTHONHOME"))}
    return inherited | {key: str(value) for key, value in own.items()} | quiet | _airflow(places) | {"PATH": path}


def _airflow(places: Places) -> dict[str, str]:
    """Airflow's store where it is not the SQLite file of its settings; a password stands in the environment alone."""
    uri = places.airflow_database
    if uri.startswith("sqlite:"):
        return {}
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": uri, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": uri}


def java_program() -> str:
    """The `java` that Spark will start: JAVA_HOME first, then PATH.

    Raises:
        MachineError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home, "bin", "java"))] if home else []
    program = next((path for path in [*candidates, "java"] if shutil.which(path)), None)
    if program is None:
        raise MachineError(
            "Java is missing",
            "PATH and JAVA_HOME",
            "Spark 4 runs on Java 17: install a JDK 17 (Debian and Ubuntu: `apt-get install openjdk-17-jre-headless`, "
            "macOS: `brew install openjdk@17`) or set JAVA_HOME to one, then run the same command again",
        )
    return program
