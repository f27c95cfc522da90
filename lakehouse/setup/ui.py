"""`make ui`: Airflow, MLflow, reports and Data Docs on loopback ports, until Ctrl-C."""

import os
import shlex
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import psutil

from lakehouse.errors import MachineError
from lakehouse.setup import guarded_proxy, reports_server
from lakehouse.setup.airflow_store import USER, password
from lakehouse.setup.login import Login
from lakehouse.setup.places import Places, environment

LOOPBACK = "127.0.0.1"
PORTS = {"airflow": 8080, "mlflow": 5000, "reports": 8000}
START_SECONDS = 600
STOP_SECONDS = 20


@dataclass(frozen=True)
class Service:
    """A child process and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


def main(places: Places) -> int:
    """Start all, print addresses and login, wait for Ctrl-C, end all; returns 0, or 3 when a service died."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    ports = free_ports()
    services: list[Service] = []
    try:
        services = start(places, ports)
        login = Login(USER, password(places))
        reports_server.serve(places, ports["reports"], login)
        guarded_proxy.serve(mlflow_socket(places), ports["mlflow"], login)
        print("Starting Airflow and MLflow (half a minute) ...", flush=True)
        wait_until_up(services, ports, stop, login)
        if not stop.is_set():
            print(welcome(places, ports), flush=True)
        while not stop.wait(1):
            _complain_of_the_dead(services)
    finally:
        end(services)
    return 0


def free_ports() -> dict[str, int]:
    """The usual port of each service, or the next one that nobody listens on."""
    taken: set[int] = set()
    chosen = {}
    for name, usual in PORTS.items():
        chosen[name] = next(port for port in range(usual, usual + 500) if port not in taken and is_free(port))
        taken.add(chosen[name])
    return chosen


def is_free(port: int) -> bool:
    """Whether a server can listen on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def start(places: Places, ports: dict[str, int]) -> list[Service]:
    """Start the child processes, each with its own log and in its own process group."""
    address = f"http://{LOOPBACK}:{ports['airflow']}"
    env = environment(places) | {
        "AIRFLOW__API__PORT": str(ports["airflow"]),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # seven more processes that nothing here needs
    }
    airflow = str(places.program("airflow"))
    commands = {
        "airflow-api-server": [airflow, "api-server", "--host", LOOPBACK, "--port", str(ports["airflow"])],
        "airflow-dag-processor": [airflow, "dag-processor"],
        "airflow-scheduler": [airflow, "scheduler", "--skip-serve-logs"],
        "mlflow": [
            str(places.program("mlflow")),
            "server",
            "--uvicorn-opts",  # it has no login: it listens on a file of its owner alone, behind ours
            f"--uds {shlex.quote(str(mlflow_socket(places)))}",
            "--workers",
            "1",
            "--backend-store-uri",
            env["MLFLOW_TRACKING_URI"],
            "--default-artifact-root",
            places.mlflow_artifacts,
        ],
    }
    return [_start_one(places, name, command, env) for name, command in commands.items()]


def mlflow_socket(places: Places) -> Path:
    """Where MLflow listens, in a folder that its owner alone may enter; short, since such names have a bound."""
    folder = places.var / "ui"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return Path(os.path.relpath(folder / "mlflow.sock", places.root))


def welcome(places: Places, ports: dict[str, int]) -> str:
    """Where everything is, and the login."""
    lines = [
        "",
        f"Login      user {USER}, password {password(places)} (of all three)",
        f"Airflow    http://{LOOPBACK}:{ports['airflow']}/dags/customer_lakehouse_nightly",
        f"MLflow     http://{LOOPBACK}:{ports['mlflow']}",
        f"Reports    http://{LOOPBACK}:{ports['reports']}  (nightly report and Data Docs)",
        "",
        "The nightly DAG runs on its schedule from now on (02:00 UTC). Ctrl-C ends all of it.",
    ]
    return "\n".join(lines)


def end(services: list[Service]) -> None:
    """Ask every service to end, wait, then end whatever is left below them, by process id."""
    family = [process for service in services for process in _family(service.process.pid)]
    for service in services:
        if service.process.poll() is None:
            service.process.terminate()
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for process in alive:  # a running step: its tables are published whole or not at all
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=5)
    for service in services:
        service.process.wait()


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return []


def _start_one(places: Places, name: str, command: list[str], env: dict[str, str]) -> Service:
    log = places.logs / f"ui-{name}.log"
    for folder in (log.parent, places.var / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=places.root,
            env=env,
            stdout=sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return Service(name, process, log)


def wait_until_up(services: list[Service], ports: dict[str, int], stop: threading.Event, login: Login) -> None:
    """Wait until the web pages answer; a service that ended in the meantime is an error."""
    deadline = time.monotonic() + START_SECONDS
    waiting = {f"http://{LOOPBACK}:{ports['airflow']}/api/v2/version", f"http://{LOOPBACK}:{ports['mlflow']}/health"}
    while waiting and not stop.wait(0.5):
        _complain_of_the_dead(services)
        waiting = {address for address in waiting if not _answers(address, login)}
        if waiting and time.monotonic() > deadline:
            raise MachineError(
                f"no answer after {START_SECONDS} s from {', '.join(sorted(waiting))}",
                "var/logs/ui-*.log",
                "The machine may be busy: look at the logs and run `make ui` again",
            )


def _answers(address: str, login: Login) -> bool:
    """Whether a server is there: one behind our login, too, and not the login alone."""
    request = urllib.request.Request(address, headers={"Authorization": login.header})  # noqa: S310 of our own making
    try:
        with urllib.request.urlopen(request, timeout=2):  # noqa: S310 on loopback
            return True
    except urllib.error.HTTPError as error:
        return error.code != HTTPStatus.BAD_GATEWAY
    except OSError:
        return False


def _complain_of_the_dead(services: list[Service]) -> None:
    for service in services:
        if service.process.poll() is not None:
            raise MachineError(
                f"{service.name} ended with code {service.process.returncode}",
                str(service.log),
                "Its log says why; `make ui` starts all again",
            )
