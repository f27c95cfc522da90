"""The lake, its lock and last night, the drop zone, the secret, and the stores of Airflow and MLflow."""

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from lakehouse import mlflow_store
from lakehouse.config.documents import shown
from lakehouse.config.layers import Conf
from lakehouse.doctor import tables
from lakehouse.doctor.diagnosis import Diagnosis, fail, ok, warn
from lakehouse.errors import ConfigError, LakehouseError, MachineError
from lakehouse.ops import account_key, file_modes, lake_id, lock
from lakehouse.ops.history import History
from lakehouse.runs import object_store

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def diagnoses(conf: Conf) -> Iterator[Diagnosis]:
    """Each in turn."""
    root = conf.profile.path(conf.profile.lake)
    yield _configuration(conf)
    try:
        object_store.make_sure(conf.profile, root)
    except LakehouseError as error:
        yield fail("object store", f"{error.where}: {error.what}", error.remedy)
        return
    yield _secret(conf)
    yield _rights(conf, root)
    yield _lake_id(root)
    yield _drop(Path(conf.profile.path(conf.profile.drop)))
    yield from tables.diagnoses(conf, root)
    yield _last_night(root)
    yield _lock(root)
    if of_airflow := os.environ.get("LAKEHOUSE_AIRFLOW_DATABASE"):
        yield _database("Airflow", of_airflow)
    else:
        yield _store("Airflow", Path(conf.profile.path("var/airflow/airflow.db")), "dag")
    yield from _mlflow(conf)


def _configuration(conf: Conf) -> Diagnosis:
    try:
        layers = ", ".join(shown(layer) for layer in conf.layers)
        return ok("configuration", f"{len(conf.exports())} exports in {layers}; 'lakehouse check' looks closer")
    except ConfigError as error:
        return fail("configuration", error.paragraph(), "run 'lakehouse check'")


def _secret(conf: Conf) -> Diagnosis:
    """The key of hashed account keys; it is never shown."""
    path = account_key.key_file(conf)
    name = conf.profile.account_secret.partition(":")[2]
    if path is None and name not in os.environ:
        return fail("account key", f"${name} is not set", f"export {name}")
    try:
        is_new = not account_key.is_the_lakes(conf, conf.profile.path(conf.profile.lake))
    except ConfigError as error:
        return fail("account key", f"{error.where}: {error.what}", error.remedy)
    if is_new:
        return ok("account key", "made by the first night")
    if path and path.stat().st_mode & 0o077:
        return warn("account key", f"{shown(path)} can be read by others", f"chmod 600 {shown(path)}")
    return ok("account key", "there, and the lake's own" + ("; readable by its owner alone" if path else ""))


def _rights(conf: Conf, root: str) -> Diagnosis:
    """Whether the lake and the stores can be read by whom the profile shuts out."""
    path = conf.profile.path
    stores = [path(name) for name in (conf.profile.reports, conf.profile.drop, "var/airflow", "var/mlflow", "var/logs")]
    copied = [path(conf.profile.copies)] if conf.profile.copies else []
    local = [Path(place) for place in (root, *stores, *copied) if "://" not in place]
    found = file_modes.readable_by_others(local, conf.profile.mask)
    if found:
        names = " ".join(shown(place) for place in found)
        return warn("file modes", f"others can read {names}", f"chmod -R {_without(conf.profile.mask)} {names}")
    return ok("file modes", f"nothing gives what the mask {conf.profile.file_mask} takes away")


def _without(mask: int) -> str:
    """What chmod takes the rights of a mask off with: `g-rwx,o-rwx`."""
    parts = [(who, mask >> shift & 7) for who, shift in (("u", 6), ("g", 3), ("o", 0))]
    return ",".join(
        f"{who}-{''.join(r for r, bit in zip('rwx', (4, 2, 1), strict=True) if of & bit)}" for who, of in parts if of
    )


def _lake_id(root: str) -> Diagnosis:
    """The id by which the lake's models in MLflow are its own."""
    try:
        known = lake_id.read(root)
    except LakehouseError as error:
        return fail("lake id", f"{error.where}: {error.what}", error.remedy)
    return ok("lake id", f"{known}; a registered model with this tag is the lake's own" if known else "made by a night")


def _drop(drop: Path) -> Diagnosis:
    days = sorted(d.name for d in drop.iterdir() if d.is_dir() and DAY.fullmatch(d.name)) if drop.is_dir() else []
    if not days:
        return warn(
            "drop zone",
            f"nothing delivered under {shown(drop)}",
            "put files into drop/<YYYY-MM-DD>/, or run 'lakehouse sample' for the sample company's",
        )
    return ok("drop zone", f"{len(days)} deliveries, {days[0]} to {days[-1]}")


def _last_night(root: str) -> Diagnosis:
    try:
        history = History(root)
    except Exception as error:  # noqa: BLE001 delta-rs raises its own kinds; the doctor must go on
        return fail("last night", f"ops.runs cannot be read ({type(error).__name__})", "see 'lake' above")
    nights = history.nights()
    failed = [row for row in history.rows if row["run_id"] == history.rows[-1]["run_id"] and row["outcome"] == "failed"]
    if failed:
        jobs = ", ".join(row["job"] for row in failed[:3])
        return warn("last night", f"failed: {jobs}", "see 'lakehouse summary'; the next run resumes there")
    if not nights:
        return ok("last night", "none yet")
    return ok("last night", f"{nights[-1]}, {len(nights)} nights published")


def _lock(root: str) -> Diagnosis:
    try:
        other, is_held = lock.last_holder(root), lock.is_held(root)
    except MachineError as error:
        return fail("lock", error.what, error.remedy)
    if is_held and "://" in root and other:
        return warn(
            "lock", f"held by {other.holder}, or left by it", "wait for it; a dead one's is taken over by itself"
        )
    if other is None:
        return warn("lock", "held by a run that has just begun", "wait for it") if is_held else ok("lock", "free")
    text = f"{other.holder or 'somebody'} (process {other.pid or '?'}), begun {other.hours:.1f} hours ago"
    if is_held or (other.is_former and other.is_alive and other.hours < lock.FORMER_HOURS):
        return warn("lock", f"held by {text}", "wait for it, or end that process")
    return warn("lock", f"free, left by {text}, which did not end by itself", "nothing: the next night goes on")


def _mlflow(conf: Conf) -> Iterator[Diagnosis]:
    try:
        uri = mlflow_store.tracking_uri(conf.profile)
    except ConfigError as error:
        yield fail("MLflow", error.what, error.remedy)
        return
    if uri.startswith("sqlite:///"):
        yield _store("MLflow", Path(uri.removeprefix("sqlite:///")), "experiments")
    elif mlflow_store.is_database(uri):
        yield _database("MLflow", uri)


def _database(name: str, uri: str) -> Diagnosis:
    """Whether a database server answers; neither its address nor its account is shown."""
    try:
        mlflow_store.make_sure(uri)
    except ConnectionError as error:
        return fail(name, str(error), "start the database, and see that its address and account are the right ones")
    return ok(name, f"its {uri.partition(':')[0].partition('+')[0]} database answers")


def _store(name: str, path: Path, table: str) -> Diagnosis:
    if not path.exists():
        return warn(name, f"{shown(path)} is not there", "run 'make setup'; 'lakehouse night' works without Airflow")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1) as store:
            table_count = store.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    except sqlite3.Error as error:
        return fail(name, f"{shown(path)} cannot be read ({error})", "move it away and run 'make setup'")
    if not table_count:
        return fail(name, f"{shown(path)} is empty", "delete it and run 'make setup'")
    return ok(name, f"{shown(path)}, {path.stat().st_size / 2**20:.0f} MiB")
