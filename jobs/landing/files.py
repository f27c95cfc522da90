"""Landing: every file in the drop zone is fingerprinted, decoded and entered in the ledger, or refused with a reason.

Reads   the drop zone, conf/<layer>/exports
Writes  ops.files, one row per change of a file's state; decoded copies under <lake>/landing/<sha-256>.<format>
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from jobs.landing.intake.drop_zone import Arrival, arrivals, check_complete, export_of, is_marker, is_young
from jobs.landing.intake.land import fingerprint, land
from jobs.landing.intake.ledger import COLUMNS, Ledger, Outcome, rules
from jobs.landing.intake.refusals import NotTakenError
from jobs.landing.settings.landing import Settings as Settings
from lakehouse.config.exports import Export
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables

READS = ()
READS_PREVIOUS = ("ops.files",)
WRITES = "ops.files"
AGES = True  # its input is the drop zone, which no table version tells of: it looks every night
CONF = "landing"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Take every file dated up to run_date that has not been decided on; a second run takes nothing."""
    exports, profile = lake.conf.exports(), lake.profile
    if "://" in lake.root or "://" in profile.drop:
        raise LakehouseError(
            "landing works on mounted folders", f"profile {profile.name}", "mount the drop zone and the lake"
        )
    drop, in_force = Path(profile.path(profile.drop)), rules(exports, settings)
    ledger = Ledger.of(ops_tables.read(lake.path(WRITES), COLUMNS))
    new = [
        a
        for a in arrivals(drop, run_date, settings)
        if not ledger.is_settled(a, in_force) and not is_marker(a, exports)
    ]
    outcomes = decide(new, exports, Path(lake.root) / "landing", settings)
    events = ledger.enter(outcomes, in_force, lake.run.run_id, run_date)
    lake.record(WRITES, events)
    lake.flush(WRITES)
    _note(lake, events)


def decide(new: Sequence[Arrival], exports: Mapping[str, Export], folder: Path, settings: Settings) -> list[Outcome]:
    """Land or refuse each arrival, several side by side; the outcomes keep the arrivals' order."""
    _let_settle(new, settings)

    def one(arrival: Arrival) -> Outcome:
        return _outcome(arrival, exports, folder, settings)

    with ThreadPoolExecutor(settings.threads) as pool:
        return list(pool.map(one, new))


def _let_settle(new: Sequence[Arrival], settings: Settings) -> None:
    """Wait once, as long as the youngest file needs to have been left alone for `stable_seconds`."""
    now = time.time_ns()
    ages = [now - a.modified_ns for a in new if not a.fault and is_young(a, settings, now) and a.modified_ns <= now]
    if ages:
        time.sleep(max(0.0, settings.stable_seconds - min(ages) / 1e9) + 0.01)


def _outcome(arrival: Arrival, exports: Mapping[str, Export], folder: Path, settings: Settings) -> Outcome:
    export = None
    try:
        export = export_of(arrival, exports, settings)
        check_complete(arrival, export, settings, time.time_ns())
        landed = land(arrival, export, folder, settings)
    except NotTakenError as verdict:
        may_read = verdict.state == "refused" and not arrival.fault
        sha = fingerprint(arrival, settings) if may_read else None
        name = export.name if export else None
        return Outcome(arrival, verdict.state, name, verdict.reason, verdict.remedy, sha)
    except FileNotFoundError:
        return Outcome(
            arrival, "incomplete", export.name if export else None, "it went away while it was looked at", "nothing"
        )
    return Outcome(arrival, "received", export.name, file_id=landed.file_id, landed=landed)


def _note(lake: Lake, events: list[dict[str, Any]]) -> None:
    """Tell of what was not taken; names are the sender's, reasons are ours."""
    counts = Counter(event["state"] for event in events if event["state"] not in ("received", "duplicate"))
    if counts:
        worst = [f"{e['path']}: {e['reason']}" for e in events if e["state"] in counts][:5]
        lake.note(WRITES, f"{', '.join(f'{n} {state}' for state, n in counts.items())}; {'; '.join(worst)}")
