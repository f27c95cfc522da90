"""What the machine must have before anything is installed: Python, Java, disk, network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from lakehouse.errors import MachineError
from lakehouse.setup.places import Places, java_program

JAVA = 17
FREE_GIB = 6  # environment 2, class-data archive 0.2, Airflow and MLflow 0.1, a sample lake with its year of nights 3

NO_NETWORK = re.compile(
    r"name resolution|from versions: none|new connection"
    r"|Name or service not known|dns error|Network is unreachable|NewConnectionError|UnknownHost"
    r"|Connection refused|timed out|timeout|ConnectError|nodename nor servname|error sending request",
    re.IGNORECASE,
)


def check_machine(places: Places) -> str:
    """Check Java and disk; Python was checked first of all, and the network shows when something is fetched.

    Returns:
        One line that says what was found.

    Raises:
        MachineError: something is missing; the text has the remedy.
    """
    java = check_java(java_version(java_program()))
    free = check_disk(places.root, shutil.disk_usage(places.root).free)
    return f"Python {sys.version_info[0]}.{sys.version_info[1]}, Java {java}, {free:.0f} GiB free"


def java_version(program: str) -> str:
    """The text of `java -version`.

    Raises:
        MachineError: the program does not run.
    """
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(
            f"`{program} -version` failed ({type(error).__name__})", program, "Install a JDK 17 or set JAVA_HOME to one"
        ) from error
    return done.stderr + done.stdout


def check_java(text: str) -> int:
    """Read the major version from `java -version` and refuse what Spark 4.2 was not tried with."""
    match = re.search(r'version "(?:1\.)?(\d+)', text)
    major = int(match.group(1)) if match else 0
    if major != JAVA:
        raise MachineError(
            f"Java {major or 'of unknown version'} was found, {JAVA} is needed",
            "`java -version`",
            "Install a JDK 17 and set JAVA_HOME to its folder (Debian and Ubuntu: `apt-get install "
            "openjdk-17-jre-headless`, then JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64)",
        )
    return major


def check_disk(folder: Path, free_bytes: int) -> float:
    """Refuse a disk with less than FREE_GIB free; returns the free GiB."""
    free = free_bytes / 2**30
    if free < FREE_GIB:
        raise MachineError(
            f"only {free:.1f} GiB are free, set-up and the sample need {FREE_GIB}",
            str(folder),
            "Free some space, or clone to a larger disk; everything this project writes is in .venv and var "
            "inside the clone, and `make clean` removes it",
        )
    return free


def download_failed(what: str, log: Path) -> MachineError:
    """The error for a download that failed, telling a dead network from a refused download by its log."""
    text = log.read_text(errors="replace") if log.exists() else ""
    cause = "the network cannot be reached" if NO_NETWORK.search(text) else "the download was refused"
    return MachineError(
        f"{what}: {cause}",
        str(log),
        "Set-up fetches Python packages (pip, uv) and the Delta jars (Spark's own resolver) once: connect to the "
        "network, or name your company's mirrors in pip's, uv's and Ivy's own settings, then run the same command "
        "again; finished steps are not repeated",
    )
