"""Landing: every file in the drop zone is fingerprinted, decoded and entered in the ledger, or refused with a reason.

Reads   the drop zone, conf/<layer>/exports
Writes  ops.files, one row per change of a file's state; decoded copies under <lake>/landing/<sha-256>.<format>
        ops.column_profiles, what the columns of each received file look like
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jobs.landing.intake import drift
from jobs.landing.intake.drop_zone import (
    Arrival,
    arrivals,
    check_complete,
    export_of,
    is_marker,
    is_young,
    parts_of,
)
from jobs.landing.intake.ledger import COLUMNS, Ledger, Outcome, rules
from jobs.landing.settings.landing import Settings as Settings
from lakehouse.config.exports import Export
from lakehouse.errors import LakehouseError
from lakehouse.files import cut_line
from lakehouse.files.delivered import Delivered
from lakehouse.files.land import Landed, fingerprint, land
from lakehouse.files.refusals import NotTakenError
from lakehouse.lake.lake import Lake
from lakehouse.ops import rollback
from lakehouse.ops import tables as ops_tables
from lakehouse.storage import workplace
from lakehouse.storage.places import is_remote
from lakehouse.storage.workplace import Workplace

READS = ()
READS_PREVIOUS = ("ops.files", "ops.column_profiles")
WRITES = ("ops.files", "ops.column_profiles")
DEPENDS_ON_RUN_DATE = True  # its input is the drop zone, which no table version tells of: it looks every night
CONF = "landing"
LEDGER, PROFILES = WRITES
READ_AGAIN = "read again: the export's YAML reads its files in another way now"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Take every file dated up to run_date that has not been decided on; a second run takes nothing."""
    exports, profile = lake.conf.exports(), lake.profile
    if is_remote(profile.drop):
        raise LakehouseError("landing reads mounted folders", f"profile {profile.name}", "mount the drop zone")
    drop, in_force = Path(profile.path(profile.drop)), rules(exports, settings)
    ledger = Ledger.of(ops_tables.read(lake.path(LEDGER), COLUMNS))
    is_early = rollback.is_early(lake.root, run_date)  # a night that runs again takes what it took
    came = [a for a in arrivals(drop, run_date, settings) if not is_early(a.path)]
    delivered = [a for a in came if not is_marker(a, exports)]
    parts = [part for a in delivered if not ledger.is_settled(a, in_force) for part in parts_of(a, exports, settings)]
    new = [part for part in parts if not ledger.is_settled(part, in_force)]
    with workplace.of(lake.root) as place:
        landing = Landing(exports, place, settings, ledger, run_date)
        outcomes = [*read_again(landing), *decide(new, landing)]
        watch = landing.watch
        if files := watch.last_files({outcome.export for outcome in outcomes if outcome.landed and outcome.export}):
            watch.recall(ops_tables.read(lake.path(PROFILES), where=[("seq", "in", files)]))
        outcomes = drift.judged(outcomes, watch)
        place.keep()
    events = ledger.enter(outcomes, in_force, lake.run.run_id, run_date)
    lake.record(PROFILES, drift.kept_rows(outcomes, events, watch))
    lake.record(LEDGER, events)
    lake.flush(PROFILES, LEDGER)
    _note(lake, events)


@dataclass(frozen=True)
class Landing:
    """What a night's landing works with."""

    exports: Mapping[str, Export]
    place: Workplace
    settings: Settings
    ledger: Ledger
    run_date: date

    @property
    def watch(self) -> drift.Watch:
        """What the exports delivered before."""
        return drift.Watch(self.place, self.exports, self.ledger, self.settings)

    def land(self, delivered: Delivered, export: Export, folder: str = "landing") -> Landed:
        """Land one file of an export."""
        usual = self.ledger.usual_encoding(export.name)
        return land(replace(delivered, usual=usual), export.file_spec, self.place.folder / folder, self.settings)


def read_again(landing: Landing) -> list[Outcome]:
    """The files of exports that are read in another way now, from the bytes kept; each says so."""
    readings = {name: export.file_spec.digest for name, export in landing.exports.items()}
    return [_reread(event, landing) for event in landing.ledger.read_otherwise(readings)]


def _reread(event: Mapping[str, Any], landing: Landing) -> Outcome:
    export = landing.exports[event["export"]]
    kept = landing.place.bring(str(event["kept_path"] or event["landed_path"]))
    arrival = Arrival(kept, event["path"], event["path"], event["delivery_date"], event["bytes"], event["modified_ns"])
    digest = export.file_spec.digest
    try:
        delivered = Delivered.of(kept, member=str(event["path"]).partition(".zip/")[2])
        landed = landing.land(delivered, export, f"landing/{digest}")
    except NotTakenError as refusal:
        return Outcome(
            arrival, refusal.state, export.name, refusal.reason, refusal.remedy, event["file_id"], None, digest
        )
    except FileNotFoundError:
        gone = "the bytes kept of it are gone"
        return Outcome(arrival, "refused", export.name, gone, "deliver it again", event["file_id"], None, digest)
    landed = replace(landed, name=f"{digest}/{landed.name}", kept_name=None)
    outcome = Outcome(arrival, "received", export.name, READ_AGAIN, None, event["file_id"], landed, digest, True)
    profile = landing.watch.profile(landed, export)
    return replace(outcome, kept_path=event["kept_path"] or event["landed_path"], profile=profile)


def decide(new: Sequence[Arrival], landing: Landing) -> list[Outcome]:
    """Land or refuse each arrival, several side by side; the outcomes keep the arrivals' order."""
    _let_settle(new, landing.settings)

    def one(arrival: Arrival) -> Outcome:
        return _outcome(arrival, landing)

    with ThreadPoolExecutor(landing.settings.threads) as pool:
        return list(pool.map(one, new))


def _let_settle(new: Sequence[Arrival], settings: Settings) -> None:
    """Wait once, as long as the youngest file needs to have been left alone for `stable_seconds`."""
    now = time.time_ns()
    ages = [now - a.modified_ns for a in new if not a.fault and is_young(a, settings, now) and a.modified_ns <= now]
    if ages:
        time.sleep(max(0.0, settings.stable_seconds - min(ages) / 1e9) + 0.01)


def _outcome(arrival: Arrival, landing: Landing) -> Outcome:
    export = None
    may_be_cut = landing.ledger.has_waited(arrival, cut_line.REASON, landing.run_date)
    delivered = Delivered(arrival.file, arrival.bytes, arrival.modified_ns, arrival.member, may_be_cut=may_be_cut)
    try:
        export = export_of(arrival, landing.exports, landing.settings)
        check_complete(arrival, export, landing.settings, time.time_ns())
        landed = landing.land(delivered, export)
    except NotTakenError as refusal:
        may_read = refusal.state == "refused" and not arrival.fault
        sha = fingerprint(delivered, landing.settings) if may_read else None
        name = export.name if export else None
        remedy = drift.with_proposal(refusal, delivered, export, landing.watch) if export else refusal.remedy
        return Outcome(arrival, refusal.state, name, refusal.reason, remedy, sha)
    except FileNotFoundError:
        return Outcome(
            arrival, "incomplete", export.name if export else None, "it went away while it was looked at", "nothing"
        )
    made = Outcome(arrival, "received", export.name, file_id=landed.file_id, landed=landed)
    return replace(made, reading=export.file_spec.digest, profile=landing.watch.profile(landed, export))


def _note(lake: Lake, events: list[dict[str, Any]]) -> None:
    """Tell of what was not taken, and of lines taken out; names are the sender's, reasons are ours."""
    counts = Counter(event["state"] for event in events if event["state"] not in ("received", "duplicate"))
    if counts:
        worst = [f"{e['path']}: {e['reason']}" for e in events if e["state"] in counts][:5]
        lake.note(LEDGER, f"{', '.join(f'{n} {state}' for state, n in counts.items())}; {'; '.join(worst)}")
    for event in events:
        if cut_line.REASON in (event.get("remarks") or ()):
            lake.note(
                LEDGER, f"{event['path']}: {cut_line.REASON}, and has been since an earlier night: it is taken so"
            )
    again = Counter(event["export"] for event in events if event["reason"] == READ_AGAIN)
    for export, count in sorted(again.items()):
        lake.note(LEDGER, f"{count} files of {export} were read again, since its YAML reads them in another way now")
    for event in events:
        for remark in event.get("remarks") or () if event["state"] == "received" else ():
            if remark.startswith("differs: "):
                lake.note(LEDGER, f"{event['path']} {remark}")
    for export, rules_of in sorted(_dropped(events).items()):
        lines = ", ".join(f"{count} {rule}" for rule, count in sorted(rules_of.items()))
        lake.note(LEDGER, f"lines of {export} that are no rows: {lines}")


def _dropped(events: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Export -> rule -> lines taken out this night, without what stands before a header."""
    sums: dict[str, Counter[str]] = {}
    for event in events:
        lines = {rule: n for rule, n in (event.get("dropped") or {}).items() if rule not in ("preamble", "sep_line")}
        if lines:
            sums.setdefault(event["export"], Counter()).update(lines)
    return sums
