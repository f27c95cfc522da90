"""The Java machine that Spark lives in: its options on this computer, and a start beside what Python still does."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lakehouse.config.layers import Profile

# The first of Java's two compilers has code fast soon, the second has it faster later: in a short night never.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m")
MEGABYTE = 10**6


def options(profile: Profile) -> list[str]:
    """What Java is told beside the profile's own options: its log, the archive of classes, which compiler."""
    quiet = Path(__file__).parent / "log4j2.properties"
    return [
        f"-Dlog4j2.configurationFile={quiet}",
        "-Duser.timezone=UTC",
        *_archive(Path(profile.path("var/spark/classes.jsa"))),
        *(QUICK if is_quick(profile) else ()),
    ]


def _archive(archive: Path) -> list[str]:
    if not archive.exists():
        return []
    # a stale archive is ignored, silently
    return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]


def is_quick(profile: Profile) -> bool:
    """Whether Spark runs in this process over so little that Java's second compiler costs more than it brings."""
    own = profile.spark.get("spark.driver.extraJavaOptions", "")
    is_here = profile.spark.get("spark.master", "local").startswith("local")
    places = [profile.path(place) for place in (profile.lake, profile.drop)]
    if not is_here or "Tiered" in own or any("://" in place for place in places):
        return False
    return _is_at_most(places, profile.quick_compiler_up_to_mb * MEGABYTE)


def _is_at_most(folders: Iterable[str], limit: int) -> bool:
    """Whether the files below the folders have no more bytes than that; looks no further than it must."""
    total = 0
    for folder in folders:
        for place, _, names in os.walk(folder):
            total += sum(_size(Path(place, name)) for name in names)
            if total > limit:
                return False
    return bool(limit)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # gone since it was listed
        return 0


def is_own(profile: Profile) -> bool:
    """Whether Java and Spark are this process's to start: on a cluster, or submitted, they wait for it."""
    return profile.spark.get("spark.master", "local").startswith("local") and "PYSPARK_GATEWAY_PORT" not in os.environ


_begun: list[tuple[threading.Thread, list[Any]]] = []  # the start under way, and the gateway to it once it is there


def begin(settings: dict[str, str]) -> None:
    """Start Java beside what this process still does; whoever starts Spark then joins it (`begun`).

    A start that fails says nothing here: Spark's own start fails of the same, and says it.
    """
    from pyspark import SparkContext

    is_started = SparkContext._gateway is not None or "PYSPARK_GATEWAY_PORT" in os.environ
    if _begun or is_started:
        return
    gateways: list[Any] = []
    thread = threading.Thread(target=_launch, args=(settings, gateways), name="java", daemon=True)
    _begun.append((thread, gateways))
    thread.start()


def begun() -> Any | None:
    """The gateway to the Java machine that was begun, once; None where none was, or it did not start."""
    if not _begun:
        return None
    thread, gateways = _begun.pop()
    thread.join()
    return gateways[0] if gateways else None


def _launch(settings: dict[str, str], gateways: list[Any]) -> None:
    from pyspark import SparkConf
    from pyspark.java_gateway import launch_gateway

    try:
        gateways.append(
            launch_gateway(  # type: ignore[no-untyped-call]
                SparkConf(loadDefaults=False).setAll(list(settings.items()))
            )
        )
    except Exception:  # noqa: BLE001 told by the start that follows
        gateways.clear()
