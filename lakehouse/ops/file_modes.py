"""Who may read what is written: by default its owner alone, in the lake, the stores, the reports and the logs.

What is made gets its rights from the process's mask, and Spark's JVM and every tool that is started inherit it.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

OWNER_ALONE = 0o077


def keep_private(mask: int = OWNER_ALONE) -> None:
    """Take these rights off all that this process and its children make from now on."""
    os.umask(mask)


def readable_by_others(places: Iterable[Path], mask: int) -> list[Path]:
    """The places of these that give rights which the mask takes away; what a folder shuts off is shut off below it.

    Args:
        places: folders and files; those that are not there are left out.
    """
    return [place for place in places if place.exists() and _is_open(place, mask)]


def _is_open(place: Path, mask: int) -> bool:
    return bool(stat.S_IMODE(place.stat().st_mode) & mask) and is_reached(place, mask)


def is_reached(place: Path, mask: int) -> bool:
    """Whether whom the mask shuts out gets past all the folders that a place is in."""
    return all(stat.S_IMODE(folder.stat().st_mode) & mask & 0o011 for folder in place.absolute().parents)
