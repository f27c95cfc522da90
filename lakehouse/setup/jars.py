"""Jars that Spark has not got: fetched once through its own resolver, checked against committed checksums."""

import hashlib
import shutil
from pathlib import Path

from lakehouse.errors import MachineError
from lakehouse.setup.checks import download_failed
from lakehouse.setup.places import Places
from lakehouse.setup.process import call

COORDINATES = "io.delta:delta-spark_4.2_2.13:4.4.0"
CHECKSUMS = Path(__file__).with_name("jars.sha256")


def fetch(places: Places) -> str:
    """Fill var/jars with Delta's; the resolver fetches 33 jars, 7 of which are not part of Spark already.

    Raises:
        MachineError: no network, or a jar whose checksum differs.
    """
    return fetched(places, places.jars, CHECKSUMS, ("--packages", COORDINATES))


def fetched(places: Places, folder: Path, checksums_file: Path, packages: tuple[str, ...]) -> str:
    """Fill a folder with the jars that a file of checksums names.

    Args:
        packages: spark-submit's options that name what is resolved.

    Raises:
        MachineError: no network, or a jar whose checksum differs.
    """
    wanted = checksums(checksums_file)
    if not faults(folder, wanted):
        return f"{len(wanted)} jars were there and their checksums hold"
    ivy = places.var / f"ivy-{checksums_file.stem}"
    log = places.logs / f"setup-{checksums_file.stem}.log"
    # Ivy resolves before the class is looked for, so a class that does not exist ends spark-submit right after it.
    call(
        places,
        [
            "spark-submit",
            *packages,
            "--conf",
            f"spark.jars.ivy={ivy}",
            "--class",
            "resolve.only",
            "none",
        ],
        log,
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        if not (ivy / "jars" / name).is_file():
            raise download_failed(f"{name} did not arrive", log)
        shutil.copyfile(ivy / "jars" / name, folder / name)
    refuse_faulty(folder, wanted)
    shutil.rmtree(ivy)
    return f"{len(wanted)} jars, checksums hold"


def checksums(file: Path) -> dict[str, str]:
    """File name -> sha-256, from the form that `sha256sum` writes."""
    pairs = (line.split() for line in file.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def faults(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Names of jars that are missing or whose content is not what the checksum says."""
    return [name for name, digest in wanted.items() if _sha256(folder / name) != digest]


def refuse_faulty(folder: Path, wanted: dict[str, str]) -> None:
    """Delete jars with another checksum and stop: what runs with the data must be what was reviewed."""
    faulty = faults(folder, wanted)
    for name in faulty:
        (folder / name).unlink(missing_ok=True)
    if faulty:
        raise MachineError(
            f"the checksum of {', '.join(faulty)} is not the reviewed one; the file was deleted",
            str(folder),
            "A mirror or a proxy served other content: run the same command again, and if it repeats, compare the "
            "jar with the one its publisher signs before you change lakehouse/setup/jars.sha256",
        )


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
