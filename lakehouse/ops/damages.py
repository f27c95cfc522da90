"""Which tables of a lake are damaged, which of them are gone, and which landed copies are lost."""

from concurrent.futures import ThreadPoolExecutor

from lakehouse.delta import examine
from lakehouse.delta.log import table_path
from lakehouse.ops import tables
from lakehouse.ops.history import History
from lakehouse.storage import trees
from lakehouse.storage.paths import below

SIDE_BY_SIDE = 4  # tables
LANDING = "landing"


def tables_of(root: str) -> list[str]:
    """Every table that has a folder, and those that the last night published."""
    present = {f"{path.parent.parent.name}.{path.parent.name}" for path in below(root).glob("[a-z]*/*/_delta_log")}
    return sorted(present | published(root).keys())


def damaged(root: str, copied: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Damaged table -> its faults.

    Args:
        copied: tables that have a copy: one without a folder was lost, even where the record of nights is lost, too.
    """
    versions = published(root)
    every = sorted({*tables_of(root), *copied})
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # it mostly waits for the disk or the store
        found = zip(every, pool.map(lambda t: examine.faults(table_path(root, t), versions.get(t)), every), strict=True)
        return {table: faults for table, faults in found if faults}


def of_tables(root: str, names: list[str]) -> dict[str, list[str]]:
    """The same of some tables that are there, as quickly as can be: whoever failed on them wants to know."""
    there = [name for name in names if below(table_path(root, name)).exists()]
    return {name: faults for name in there if (faults := examine.faults(table_path(root, name)))}


def published(root: str) -> dict[str, int]:
    """What the last night published; nothing where ops.runs is hurt itself (which its own examination says)."""
    try:
        history = History(root)
        nights = history.nights()
        return (history.manifest(nights[-1]) or {}) if nights else {}
    except Exception:  # noqa: BLE001 delta-rs raises its own kinds for a log it cannot read
        return {}


def lost_files(root: str) -> dict[str, int]:
    """Landed copies that are gone or have another size than was written: path below the lake -> bytes."""
    try:
        events = tables.read(f"{root}/ops/files", ["seq", "state", "landed_path", "landed_bytes"])
    except Exception:  # noqa: BLE001 see published
        return {}
    received = [e for e in sorted(events, key=lambda e: e["seq"]) if e["state"] == "received" and e["landed_path"]]
    wanted = {event["landed_path"]: event["landed_bytes"] for event in received}
    there = trees.sizes(below(root, LANDING)) if wanted else {}
    return {name: size for name, size in wanted.items() if there.get(name.removeprefix(f"{LANDING}/")) != size}
