"""The lake's tables: damages of their logs and files, lost landed copies, and a remedy that loses nothing."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from lakehouse.config.documents import shown
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.delta import examine
from lakehouse.doctor.diagnosis import Diagnosis, fail, ok, warn
from lakehouse.errors import LakehouseError
from lakehouse.ops import copies, damages, rollback
from lakehouse.ops.copies import COPIES, LAKE_FILES
from lakehouse.ops.history import History
from lakehouse.storage.places import is_remote

FEW = 3


def diagnoses(conf: Conf, root: str) -> Iterator[Diagnosis]:
    """The tables together where all are whole; each damaged one on a line of its own."""
    originals = copies.originals(_contracts(conf))
    copied = copies.present(conf.profile.path(conf.profile.copies), originals) if conf.profile.copies else frozenset()
    hurt, names = damages.damaged(root, copied), damages.tables_of(root)
    for table, faults in sorted(hurt.items()):
        yield fail(table, "; ".join(faults[:FEW]), _remedy(conf, root, table, faults, table in originals))
    if not names:
        yield warn("lake", f"no tables under {_place(root)} yet", "run 'make nightly' or 'lakehouse night'")
    elif not hurt:
        yield ok("lake", f"{len(names)} tables, their logs and files whole")
    yield from _landed(root)
    yield from _copied(conf, root, originals, hurt.keys())
    if night := rollback.begun(root):
        text = f"the restore to the night of {night} did not come to its end: tables are of several nights"
        yield fail("restore", text, f"lakehouse restore --to-night {night}")


def _place(root: str) -> str:
    """The lake as a person knows it."""
    return root if is_remote(root) else shown(Path(root))


def _contracts(conf: Conf) -> Iterator[Contract]:
    contracts = Contracts(conf)
    return (contracts[name] for name in contracts)


def _remedy(conf: Conf, root: str, table: str, faults: list[str], is_original: bool) -> str:
    if not is_original or faults[0].startswith(examine.POINTER):
        return f"lakehouse restore {table}"
    known = copies.copy_of(conf.profile.path(conf.profile.copies), table) if conf.profile.copies else None
    if known is None:
        return "it cannot be made again and has no whole copy: take its folder from a backup, and delete nothing of it"
    if not table.startswith("ops.") and _went_on(root, known[0]):
        return f"lakehouse restore --to-night {known[0]} (its copy is of that night, and other tables have gone on)"
    return f"lakehouse restore {table} (its copy is of the night of {known[0]})"


def _went_on(root: str, night: date) -> bool:
    """Whether jobs of a later night have published: one table from its copy would not fit the others."""
    try:
        return any(row["outcome"] == "done" and row["run_date"] > night for row in History(root).rows)
    except LakehouseError:  # ops.runs is hurt itself
        return False


def _landed(root: str) -> Iterator[Diagnosis]:
    """Decoded copies of received files that are gone or cut: bronze needs them where its table must be made again."""
    lost = damages.lost_files(root)
    if lost:
        text = f"{len(lost)} landed copies of received files are gone or cut: {', '.join(sorted(lost)[:FEW])}"
        yield fail("landed files", text, "lakehouse restore landing")


def _copied(conf: Conf, root: str, originals: list[str], hurt: Collection[str]) -> Iterator[Diagnosis]:
    """Whether each table that cannot be made again has a whole copy, and the lake's own small files are there."""
    published = damages.published(root)  # a table that came since has no copy yet
    if not conf.profile.copies or not published:
        return
    folder = conf.profile.path(conf.profile.copies)
    there = [t for t in originals if t in published and t not in hurt]
    if bad := [t for t in there if copies.copy_of(folder, t) is None]:
        text = f"{len(bad)} copies of what cannot be made again are gone or hurt: {', '.join(bad[:FEW])}"
        yield fail("copies", text, f"lakehouse restore {COPIES}")
    elif there:
        yield ok("copies", f"of {len(there)} tables that cannot be made again, whole")
    if gone := copies.lost_files(root, folder):
        yield fail("lake's own files", f"gone or not readable: {', '.join(gone)}", f"lakehouse restore {LAKE_FILES}")
