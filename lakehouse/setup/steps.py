"""The steps of set-up, in order; independent ones run side by side."""

import shutil
import subprocess
import sys
from pathlib import Path

from lakehouse.errors import MachineError
from lakehouse.setup import jars
from lakehouse.setup.checks import check_machine, download_failed
from lakehouse.setup.places import Places
from lakehouse.setup.process import call, last_lines
from lakehouse.setup.progress import Step

UV = "uv==0.13.9"


def all_steps(places: Places) -> list[Step]:
    """Every step of a set-up; the order is also the numbering that people see."""
    own = places.root / "lakehouse" / "setup"
    lock, project = places.root / "requirements.lock", places.root / "pyproject.toml"
    profile = places.root / "conf" / "profiles" / "local.yaml"
    return [
        Step("machine", "Check Python, Java and disk space", (own / "checks.py",), (), check_machine),
        Step(
            "packages",
            "Make .venv and install the locked packages",
            (lock,),
            (places.python, places.program("airflow")),
            install_packages,
            after="machine",
        ),
        Step(
            "project",
            "Install the project itself",
            (project, lock),
            (places.program("lakehouse"),),
            install_project,
            after="packages",
        ),
        Step("jars", "Fetch the Delta jars", (jars.CHECKSUMS, lock), (places.jars,), jars.fetch, after="packages"),
        Step(
            "airflow",
            "Create Airflow's store, connection and login",
            (lock, own / "airflow_store.py"),
            tuple(path for path in (_file(places.airflow_database), places.airflow / "airflow.cfg") if path),
            create_airflow,
            after="project",
            database="" if _file(places.airflow_database) else places.airflow_database,
        ),
        Step(
            "mlflow",
            "Create MLflow's store",
            (lock, own / "mlflow_store.py"),
            tuple(path for path in (_file(places.mlflow_database),) if path),
            create_mlflow,
            after="project",
            database="" if _file(places.mlflow_database) else places.mlflow_database,
        ),
        Step(
            "archive",
            "Archive Spark's classes for quick starts",
            (lock, jars.CHECKSUMS, own / "warm_up.py"),
            (places.spark_properties,),
            archive_classes,
            after="jars",
        ),
        Step(
            "settings",
            "Write Spark's settings for spark-submit",
            (lock, profile, places.root / "lakehouse" / "spark" / "session.py"),
            (places.spark_properties,),
            write_settings,
            after="archive",
        ),
    ]


def _file(uri: str) -> Path | None:
    """The file of a SQLite store, whose loss makes set-up make it again; None of a database server's."""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def install_packages(places: Places) -> str:
    """Make the environment, install uv through pip, and with it exactly what the lock names."""
    log = places.logs / "setup-packages.log"
    if not places.program("uv").exists():
        shutil.rmtree(places.venv, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(places.venv)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise MachineError(
                "Python cannot make a virtual environment",
                str(places.venv),
                "Install its venv module (Debian and Ubuntu: `apt-get install python3.11-venv`)",
            )
        if call(places, [str(places.python), "-m", "pip", "install", "--disable-pip-version-check", UV], log):
            raise download_failed(f"{UV} cannot be installed", log)
    if call(places, [*_uv(places, "sync"), "--require-hashes", "--compile-bytecode", "requirements.lock"], log):
        raise download_failed("the locked packages cannot be installed", log)
    return f"{sum('==' in line for line in (places.root / 'requirements.lock').open())} packages"


def install_project(places: Places) -> str:
    """Install this clone in place (editable), so that `lakehouse` and `import jobs` work from any folder."""
    log = places.logs / "setup-project.log"
    command = [*_uv(places, "install"), "--no-deps", "--no-build-isolation", "--offline", "-e", "."]
    _must(call(places, command, log), "the project cannot be installed", log)
    return "the command `lakehouse` is in .venv/bin"


def create_airflow(places: Places) -> str:
    """Write airflow.cfg, make the store and enter what the DAGs need."""
    log = places.logs / "setup-airflow.log"
    _must(call(places, [str(places.python), "-m", "lakehouse.setup.airflow_store"], log), "Airflow's store failed", log)
    return "var/airflow, connection spark_default"


def create_mlflow(places: Places) -> str:
    """Make MLflow's store once, before parallel tasks could race for it."""
    log = places.logs / "setup-mlflow.log"
    _must(call(places, [str(places.python), "-m", "lakehouse.setup.mlflow_store"], log), "MLflow's store failed", log)
    return "var/mlflow"


def archive_classes(places: Places) -> str:
    """Dump an archive (AppCDS) of the classes a night loads, by running a small program like one.

    The archive is tied to the JDK build and the class path; Java ignores a stale one, and set-up goes on without.
    """
    log = places.logs / "setup-archive.log"
    places.archive.parent.mkdir(parents=True, exist_ok=True)
    places.archive.unlink(missing_ok=True)
    write_settings(places)
    # The compiler's first tier halves the work of a process that runs once; the archive does not depend on it.
    quick = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
    options = f"{quick} -XX:ArchiveClassesAtExit={places.archive} -Xlog:cds=off -Xlog:cds+dynamic=off"
    code = call(
        places,
        [
            "spark-submit",
            "--properties-file",
            str(places.spark_properties),
            "--driver-memory",
            "1g",
            "--conf",
            "spark.eventLog.enabled=false",
            "--driver-java-options",
            options,
            str(Path(__file__).with_name("warm_up.py")),
            str(places.var / "tmp" / "warm_up"),
        ],
        log,
    )
    _must(code, "the first Spark session failed", log)
    if not places.archive.exists():
        return "this Java makes none, so each start takes some seconds more"
    return f"{places.archive.stat().st_size / 2**20:.0f} MiB"


def write_settings(places: Places) -> str:
    """Write var/spark/spark-defaults.conf from the local profile; it names the archive when there is one."""
    log = places.logs / "setup-settings.log"
    _must(call(places, [str(places.python), "-m", "lakehouse.setup.spark_files"], log), "Spark's settings failed", log)
    return str(places.spark_properties.relative_to(places.root))


def _uv(places: Places, action: str) -> list[str]:
    return [str(places.program("uv")), "pip", action, "--python", str(places.python)]


def _must(code: int, what: str, log: Path) -> None:
    if code:
        raise MachineError(
            f"{what} ({last_lines(log)})",
            str(log),
            "The log has the details; `make clean` and the same command start over",
        )
