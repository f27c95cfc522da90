"""Take a lake back to the night of a day: checked before anything changes, then done, or done to its end later."""

from dataclasses import replace
from datetime import date

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError, LakehouseError
from lakehouse.ops import copies, damages, lock, rollback
from lakehouse.ops.history import History, record_restore
from lakehouse.ops.rollback import Rollback
from lakehouse.runs import graph, object_store

FEW = 5


def to_night(conf: Conf, night: date) -> Rollback:
    """Take all tables back together.

    Raises:
        ConfigError: that day has no published night, or another restore is under way.
        LakehouseError: a table that cannot be made again cannot go back, or files that came since are nowhere any more.
    """
    root = conf.profile.path(conf.profile.lake)
    object_store.reach(root)
    with lock.held(root, f"restore to the night of {night}"):
        folder = conf.profile.path(conf.profile.copies) if conf.profile.copies else ""
        contracts = Contracts(conf)
        plan = _planned(conf, root, night)
        plan = _with_damaged(plan, folder, copies.originals(contracts[name] for name in contracts))
        if lost := rollback.deliver_again(plan, conf.profile.path(conf.profile.drop), folder):
            raise LakehouseError(
                f"nothing is kept of {len(lost)} files that came since then: {', '.join(lost[:FEW])}",
                conf.profile.drop,
                "have them delivered again into their folders of the drop zone; nothing was changed",
            )
        inboxes = {job.name: job.inbox for job in graph.jobs() if job.inbox}
        rollback.apply(plan, inboxes, folder)
        record_restore(root, contracts["ops.runs"], night)
        rollback.close(root)
    return plan


def _planned(conf: Conf, root: str, night: date) -> Rollback:
    other = rollback.begun(root)
    if other and other != night:
        what = f"a restore to the night of {other} did not come to its end"
        raise ConfigError(what, "--to-night", f"lakehouse restore --to-night {other}")
    history = History(root)
    manifest = history.manifest(night)
    if manifest is None:
        nights = ", ".join(map(str, history.nights()[-FEW:])) or "none"
        raise ConfigError(f"there is no published night of {night}", "--to-night", f"the last ones are: {nights}")
    return rollback.planned(root, night, manifest, damages.tables_of(root))


def _with_damaged(plan: Rollback, folder: str, originals: list[str]) -> Rollback:
    """Tables that cannot go back by their own log: from a copy of that very night, or made again by the next one.

    Raises:
        LakehouseError: one of them can be had from nowhere.
    """
    faults = rollback.faults(plan)
    kept = {t for t in faults if folder and (known := copies.copy_of(folder, t)) and known[0] == plan.night}
    if lost := sorted(t for t in faults if t in originals and t not in kept):
        told = "; ".join(f"{table}: {faults[table]}" for table in lost[:FEW])
        raise LakehouseError(
            f"{len(lost)} tables that cannot be made again cannot go back to the night of {plan.night} ({told})",
            "--to-night",
            "nothing was changed; choose a later night, or take these tables' folders from a backup",
        )
    for table in sorted(kept):
        copies.restore(plan.root, folder, table)
    again = tuple(sorted(set(faults) - kept))
    versions = {table: version for table, version in plan.versions.items() if table not in again}
    return replace(plan, versions=versions, later=(*plan.later, *again))
