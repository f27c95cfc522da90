"""Airflow's home inside the clone: airflow.cfg, the SQLite store, the connection and the variables of the DAGs."""

import json
import os
import secrets
from configparser import ConfigParser
from pathlib import Path

from lakehouse.setup.places import Places, here

USER = "admin"


def settings(places: Places, kept: ConfigParser) -> dict[str, dict[str, str]]:
    """What differs from Airflow's defaults; keys and secrets of an earlier set-up are kept."""

    def secret(section: str, name: str) -> str:
        return kept.get(section, name, fallback="") or secrets.token_urlsafe(32)

    return {
        "core": {
            "dags_folder": str(places.root / "dags"),
            "executor": "LocalExecutor",
            "parallelism": "4",  # a step is a whole Spark application: more at once would only fight for memory
            "load_examples": "False",
            "dags_are_paused_at_creation": "False",
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": str(password_file(places)),
            "fernet_key": kept.get("core", "fernet_key", fallback="") or _fernet_key(),
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{places.airflow / 'airflow.db'}"},
        "logging": {"base_log_folder": str(places.airflow / "logs"), "colored_console_log": "False"},
        "api": {"host": "127.0.0.1", "secret_key": secret("api", "secret_key")},
        "api_auth": {"jwt_secret": secret("api_auth", "jwt_secret")},
        "scheduler": {"enable_health_check": "False"},
        "dag_processor": {"parsing_processes": "1", "min_file_process_interval": "60"},
    }


def password_file(places: Places) -> Path:
    """Where the generated password of the web login is kept."""
    return places.airflow / "simple_auth_manager_passwords.json"


def password(places: Places) -> str:
    """The password of the login that `make ui` prints."""
    return str(json.loads(password_file(places).read_text())[USER])


def write_settings(places: Places) -> None:
    """Write airflow.cfg and the login, readable by their owner alone."""
    places.airflow.mkdir(parents=True, exist_ok=True)
    file = places.airflow / "airflow.cfg"
    kept = ConfigParser(interpolation=None)
    kept.read(file)
    written = ConfigParser(interpolation=None)
    written.read_dict(settings(places, kept))
    with _private(file) as sink:
        written.write(sink)
    if not password_file(places).exists():
        with _private(password_file(places)) as sink:
            json.dump({USER: secrets.token_urlsafe(12)}, sink)


def enter(places: Places) -> None:
    """Make or upgrade the store, then enter connection and variables that are not there yet."""
    from airflow.models import Connection, Variable
    from airflow.utils.db import upgradedb
    from airflow.utils.session import create_session
    from sqlalchemy import select

    upgradedb()
    variables = {"lakehouse_home": str(places.root), "lakehouse_notify_url": ""}
    with create_session() as session:
        known = set(session.scalars(select(Connection.conn_id))) | set(session.scalars(select(Variable.key)))
        if "spark_default" not in known:
            session.add(
                Connection(
                    conn_id="spark_default",
                    conn_type="spark",
                    host="local[*]",
                    description="Where the steps of a night run",
                    extra=json.dumps({"deploy-mode": "client"}),
                )
            )
        for name, value in variables.items():
            if name not in known:
                session.add(Variable(key=name, val=value))


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _private(path: Path):  # type: ignore[no-untyped-def]
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")


if __name__ == "__main__":
    write_settings(here())
    enter(here())
