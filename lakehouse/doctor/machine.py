"""Python, Java, jars, class archive, packages, disk and memory."""

import re
import shutil
import site
import sys
from collections.abc import Iterator
from pathlib import Path

from lakehouse.config.documents import home, shown
from lakehouse.config.layers import Conf
from lakehouse.doctor.diagnosis import Diagnosis, fail, ok, warn
from lakehouse.errors import MachineError
from lakehouse.setup import checks, jars
from lakehouse.setup.places import java_program

PYTHON = (3, 11)
NEEDED_GIB = 2.0  # a night of one day, with the versions before it
ROOM_GIB = 1.5  # memory beside the driver's heap: Python, Arrow, the class archive


def diagnoses(conf: Conf) -> Iterator[Diagnosis]:
    """Each in turn; one that fails does not hide the next."""
    yield _python()
    yield _java()
    yield _jars(Path(conf.profile.path(conf.profile.jars)))
    yield _archive(Path(conf.profile.path("var/spark/classes.jsa")))
    yield _packages(home() / "requirements.lock")
    yield _disk(conf)
    yield _memory(conf)


def _python() -> Diagnosis:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] != PYTHON:
        return fail("Python", f"{version}, and the locked packages are for 3.11", "run 'make PYTHON=python3.11 setup'")
    return ok("Python", version)


def _java() -> Diagnosis:
    try:
        program = java_program()
        return ok("Java", f"{checks.check_java(checks.java_version(program))} ({program})")
    except MachineError as error:
        return fail("Java", error.what, error.remedy)


def _jars(folder: Path) -> Diagnosis:
    wanted = jars.checksums(jars.CHECKSUMS)
    faulty = jars.faults(folder, wanted)
    if faulty:
        text = f"{len(faulty)} of {len(wanted)} missing or changed: {', '.join(faulty[:2])}"
        return fail("Delta jars", text, f"delete them in {shown(folder)} and run 'make setup'")
    return ok("Delta jars", f"{len(wanted)}, checksums hold")


def _archive(path: Path) -> Diagnosis:
    if not path.exists():
        return warn("class archive", "not there: Spark starts some seconds slower", "run 'make setup'")
    return ok("class archive", f"{path.stat().st_size / 2**20:.0f} MiB")


def _packages(lock: Path) -> Diagnosis:
    """Installed versions against the lock, by the names of their folders: asking each package takes seconds."""
    if not lock.exists():
        return warn("packages", "requirements.lock is not there", "run from a checkout, or set LAKEHOUSE_HOME")
    installed = _installed()
    wrong = [
        f"{name} {installed.get(_same(name), 'missing')} instead of {version}"
        for name, version, is_conditional in _pins(lock)
        if installed.get(_same(name), "" if not is_conditional else version) != version
    ]
    if wrong:
        return warn("packages", f"{len(wrong)} differ from the lock: {'; '.join(wrong[:3])}", "run 'make setup'")
    return ok("packages", f"{len(installed)} installed, as locked")


def _pins(lock: Path) -> Iterator[tuple[str, str, bool]]:
    for line in lock.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)\s*(;)?", line)
        if match:
            yield match.group(1), match.group(2), match.group(3) is not None


def _installed() -> dict[str, str]:
    folders = [path for place in site.getsitepackages() for path in Path(place).glob("*.dist-info")]
    pairs = (folder.name.removesuffix(".dist-info").rsplit("-", 1) for folder in folders)
    return {_same(pair[0]): pair[1] for pair in pairs if len(pair) == 2}


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _disk(conf: Conf) -> Diagnosis:
    place = Path(conf.profile.path(conf.profile.lake))
    if "://" in str(place):
        return ok("disk", "the lake is in an object store")
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 2**30
    if free < NEEDED_GIB:
        return fail("disk", f"{free:.1f} GiB free at {shown(place)}", "free some, or move the lake (--lake, profile)")
    return ok("disk", f"{free:.0f} GiB free at {shown(place)}")


def _memory(conf: Conf) -> Diagnosis:
    import psutil

    heap = _gib(conf.profile.spark.get("spark.driver.memory", "1g"))
    free = psutil.virtual_memory().available / 2**30
    if free < heap + ROOM_GIB:
        remedy = "end other programs, or lower spark.driver.memory in the profile"
        return warn("memory", f"{free:.1f} GiB free; a night takes up to {heap + ROOM_GIB:.1f}", remedy)
    return ok("memory", f"{free:.0f} GiB free; a night takes up to {heap + ROOM_GIB:.1f}")


def _gib(text: str) -> float:
    """Spark's way to write sizes, in GiB."""
    match = re.fullmatch(r"(\d+)([kmgt])b?", text.strip().lower())
    return int(match.group(1)) * {"k": 2**-20, "m": 2**-10, "g": 1, "t": 2**10}[match.group(2)] if match else 1.0
