"""The lake's tables: damages of their logs and files, lost landed copies, and a remedy that loses nothing."""

from collections.abc import Iterator
from pathlib import Path

from lakehouse.config.documents import shown
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.delta import examine
from lakehouse.delta.log import table_path
from lakehouse.doctor.diagnosis import Diagnosis, fail, ok, warn
from lakehouse.ops import copies
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.history import History

FEW = 3


def diagnoses(conf: Conf, root: str) -> Iterator[Diagnosis]:
    """The tables together where all are whole; each damaged one on a line of its own."""
    if "://" in root:
        yield ok("lake", root)
        return
    hurt, names = damaged(root), tables_of(root)
    originals = copies.originals(contract for contract in _contracts(conf))
    for table, faults in sorted(hurt.items()):
        yield fail(table, "; ".join(faults[:FEW]), _remedy(conf, table, faults, table in originals))
    if not names:
        yield warn("lake", f"no tables under {shown(Path(root))} yet", "run 'make nightly' or 'lakehouse night'")
    elif not hurt:
        yield ok("lake", f"{len(names)} tables, their logs and files whole")
    yield from _landed(root)


def tables_of(root: str) -> list[str]:
    """Every table that has a folder, and those that the last night published."""
    present = {f"{path.parent.parent.name}.{path.parent.name}" for path in Path(root).glob("[a-z]*/*/_delta_log")}
    return sorted(present | _published(root).keys())


def damaged(root: str) -> dict[str, list[str]]:
    """Damaged table -> its faults."""
    published = _published(root)
    found = {table: examine.faults(table_path(root, table), published.get(table)) for table in tables_of(root)}
    return {table: faults for table, faults in found.items() if faults}


def _published(root: str) -> dict[str, int]:
    """What the last night published; nothing where ops.runs is hurt itself (which its own examination says)."""
    try:
        history = History(root)
        nights = history.nights()
        return (history.manifest(nights[-1]) or {}) if nights else {}
    except Exception:  # noqa: BLE001 delta-rs raises its own kinds for a log it cannot read
        return {}


def _contracts(conf: Conf) -> Iterator[Contract]:
    contracts = Contracts(conf)
    return (contracts[name] for name in contracts)


def _remedy(conf: Conf, table: str, faults: list[str], is_original: bool) -> str:
    if not is_original or faults[0].startswith(examine.POINTER):
        return f"lakehouse restore {table}"
    known = copies.copy_of(conf.profile.path(conf.profile.copies), table) if conf.profile.copies else None
    if known is None:
        return "it cannot be made again and has no whole copy: take its folder from a backup, and delete nothing of it"
    return f"lakehouse restore {table} (its copy is of the night of {known[0]}), then the nights since then again"


def _landed(root: str) -> Iterator[Diagnosis]:
    """Decoded copies of received files that are gone or cut: bronze needs them where its table must be made again."""
    lost = lost_files(root)
    if lost:
        text = f"{len(lost)} landed copies of received files are gone or cut: {', '.join(sorted(lost)[:FEW])}"
        yield fail("landed files", text, "lakehouse restore landing")


def lost_files(root: str) -> dict[str, int]:
    """Landed copies that are gone or have another size than was written: path below the lake -> bytes."""
    try:
        events = ops_tables.read(f"{root}/ops/files", ["seq", "state", "landed_path", "landed_bytes"])
    except Exception:  # noqa: BLE001 see _published
        return {}
    received = [e for e in sorted(events, key=lambda e: e["seq"]) if e["state"] == "received" and e["landed_path"]]
    wanted = {event["landed_path"]: event["landed_bytes"] for event in received}
    return {name: size for name, size in wanted.items() if _size(Path(root, name)) != size}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
