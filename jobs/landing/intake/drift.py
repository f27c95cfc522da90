"""Files that differ from those before them: taken, taken with a remark, or refused until a person looks.

The `drift` section of an export says which difference has which outcome; docs/how-to/drift.md has all of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jobs.landing.intake.ledger import Ledger, Outcome
from lakehouse.config.exports import Export
from lakehouse.delta.log import table_path
from lakehouse.files.delivered import Delivered
from lakehouse.files.drift import profiles
from lakehouse.files.drift.comparing import Difference, differences
from lakehouse.files.drift.profiles import FileProfile
from lakehouse.files.drift.renames import renamed
from lakehouse.files.drift.usual import MOST_FILES, Usual
from lakehouse.files.headers import take_both
from lakehouse.files.land import Landed, land
from lakehouse.files.refusals import MissingColumnsError, NotTakenError
from lakehouse.files.spec import Limits
from lakehouse.ops import tables as ops_tables
from lakehouse.storage.workplace import Workplace

OF_COLUMNS = ("column_added", "column_missing", "column_renamed", "columns_reordered")
SENTENCES = {
    "column_added": "{column} is a new column that the export does not list",
    "column_missing": "{column} is not there",
    "column_renamed": "{column} is not there, and {other} holds what it used to",
    "columns_reordered": "its columns stand in another order",
    "values_moved": "{column} does not hold what it used to; {other} holds it",
    "type_changed": "{column} holds values of another type ({told})",
    "date_form_changed": "{column} writes dates in another form ({told})",
    "decimal_mark_changed": "{column} writes numbers in another form ({told})",
    "unit_changed": "{column} is in another unit: its numbers are {told}",
    "zeros_lost": "{column} has lost the zeros that its values began with",
    "words_changed": "{column} holds words that it never held",
    "words_added": "{column} holds {share:.0%} words that it never held",
    "emptied": "{column} is empty, which it was not",
    "unfamiliar_values": "{column} holds {share:.0%} values of a form that was never there ({told})",
}


@dataclass
class Watch:
    """What exports delivered before, and what tonight's files look like.

    Args:
        before: export -> delivery day and profile of its last files, in the order in which they came.
        newest, events: export -> the profile of its newest file with values, and that file; read when asked for.
    """

    place: Workplace
    exports: Mapping[str, Export]
    ledger: Ledger
    limits: Limits
    before: dict[str, list[tuple[date | None, FileProfile]]] = field(default_factory=dict)
    newest: dict[str, FileProfile | None] = field(default_factory=dict)
    events: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def profile(self, landed: Landed, export: Export) -> FileProfile | None:
        """The profile of a file that has landed; None where it cannot be read, which bronze says."""
        event = {
            "landed_path": f"landing/{landed.name}",
            "columns": landed.shape.columns,
            "split_starts": landed.shape.starts,
            "split_lines": landed.shape.lines,
        }
        header_lines = (landed.shape.lines[0] if landed.shape.lines else 1) - 1
        return self._profile(event, export, max(0, landed.line_count - header_lines))

    def _profile(self, event: Mapping[str, Any], export: Export, rows: int) -> FileProfile | None:
        try:
            return profiles.profile(event, export.file_spec, self.place.folder, rows)
        except Exception:  # noqa: BLE001 whatever a reader makes of broken bytes; bronze sets such a file aside
            return None

    def recall(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Take rows of ops.column_profiles in: the last files of each export."""
        by_file: dict[int, list[Mapping[str, Any]]] = {}
        for row in kept:
            by_file.setdefault(row["seq"], []).append(row)
        for _, rows in sorted(by_file.items()):
            entry = (rows[0]["delivery_date"], profiles.of_rows(rows))
            self.before.setdefault(rows[0]["export"], []).append(entry)

    def last_files(self, names: Iterable[str]) -> list[int]:
        """The last received files of these exports, by their events' seq."""
        wanted = set(names)
        by_export: dict[str, list[int]] = {}
        for event in self.ledger.latest.values():
            if event["state"] == "received" and event["export"] in wanted:
                by_export.setdefault(event["export"], []).append(event["seq"])
        return [seq for seqs in by_export.values() for seq in sorted(seqs)[-MOST_FILES:]]

    def usual(self, export: Export, day: date | None) -> Usual:
        """What files of the export look like, on the same side of its `usual_from`."""
        start = export.drift.usual_from
        is_new = start is None or (day or date.max) >= start
        known = self.before.get(export.name, [])
        alike = [p for d, p in known if start is None or is_new == ((d or date.max) >= start)]
        return Usual.of(alike)

    def newest_in_full(self, export: Export) -> FileProfile | None:
        """The profile of the newest received file, values of personal columns included; read when it is asked for."""
        if not self.events:
            seqs = [event["seq"] for event in self.ledger.newest.values()]
            columns = ["export", "landed_path", "columns", "split_starts", "split_lines"]
            where = [("seq", "in", seqs)]
            read = ops_tables.read(table_path(self.place.root, "ops.files"), columns, where) if seqs else []
            self.events |= {event["export"]: event for event in read}
        if export.name not in self.newest:
            if known := self.events.get(export.name):
                self.place.bring(str(known["landed_path"]))
            self.newest[export.name] = self._profile(known, export, 0) if known else None
        return self.newest[export.name]


def judged(outcomes: Sequence[Outcome], watch: Watch) -> list[Outcome]:
    """The outcomes in order, each file held against those before it; what is refused leaves no copy."""
    made = [_judged(outcome, watch) for outcome in outcomes]
    used = {o.landed.name for o in made if o.landed} | {
        Path(str(event["landed_path"])).name for event in watch.ledger.landed.values() if event["landed_path"]
    }
    for outcome, after in zip(outcomes, made, strict=True):
        if outcome.landed and not after.landed and outcome.landed.name not in used:
            (watch.place.folder / "landing" / outcome.landed.name).unlink(missing_ok=True)
    return made


def _judged(outcome: Outcome, watch: Watch) -> Outcome:
    export = watch.exports.get(outcome.export or "")
    if export is None or outcome.landed is None or outcome.profile is None or outcome.state != "received":
        return outcome
    day, profile = outcome.arrival.delivery_date, outcome.profile
    found = [] if outcome.is_reread else differences(profile, _usual(export, day, profile, watch), list(export.columns))
    grave, mild = by_outcome(found, export)
    if grave and not _is_known(outcome, watch.ledger):
        reason = "; ".join(sentence(d) for d in grave)
        what = f"it differs from the files before it: {reason}"
        return replace(outcome, state="refused", reason=what, remedy=remedy(grave, day), landed=None, profile=None)
    watch.before.setdefault(export.name, []).append((day, profile))
    remarks = (*outcome.landed.remarks, *(f"differs: {sentence(d)}" for d in mild))
    return replace(outcome, landed=replace(outcome.landed, remarks=remarks))


def _usual(export: Export, day: date | None, profile: FileProfile, watch: Watch) -> Usual:
    """The usual files; with the newest one's values where personal columns may have changed places."""
    usual = watch.usual(export, day)
    families = [
        max(shares, key=lambda name: shares[name])
        for name, column in export.columns.items()
        if column.personal
        and name in profile.columns
        and name in usual.columns
        and not usual.columns[name].sketch
        and (shares := profile.columns[name].shares)
    ]
    if len(families) == len(set(families)):
        return usual
    newest = watch.newest_in_full(export)
    return usual.beside(newest) if newest else usual


def _is_known(outcome: Outcome, ledger: Ledger) -> bool:
    """Whether the same bytes or content were taken before: a duplicate is not looked at again."""
    landed = outcome.landed
    ids = [outcome.file_id, landed.content_id if landed else None]
    known = [ledger.landed.get((outcome.export or "", own)) for own in ids if own]
    return any(event and event.get("reading") in (None, outcome.reading) for event in known)


def by_outcome(found: Iterable[Difference], export: Export) -> tuple[list[Difference], list[Difference]]:
    """The differences that refuse a file, and those that are remarked; a column that nothing uses refuses none."""
    grave: list[Difference] = []
    mild: list[Difference] = []
    for difference in found:
        outcome = export.drift.outcome(difference.kind)
        if difference.column in export.drift.ignore or outcome == "take":
            continue
        uses = is_compared if difference.kind == "words_changed" else is_used
        (grave if outcome == "refuse" and uses(difference.column, export) else mild).append(difference)
    return grave, mild


def is_used(column: str, export: Export) -> bool:
    """Whether an expression of the export names the column."""
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", export.texts, re.IGNORECASE) is not None


def is_compared(column: str, export: Export) -> bool:
    """Whether an expression holds the column against words: new ones would fall through it in silence."""
    name = rf"(?<!\w){re.escape(column)}(?!\w)"
    against = rf"{name}[\s)`]*(=|<>|!=|(not\s+)?(in|like|rlike)\b|when\b)|yes\(\s*`?{name}"
    return re.search(against, export.texts, re.IGNORECASE) is not None


def sentence(difference: Difference) -> str:
    """A difference in words, without a value."""
    return SENTENCES[difference.kind].format(
        column=difference.column, other=difference.other, share=difference.share, told=difference.told
    )


def remedy(found: Sequence[Difference], day: date | None) -> str:
    """What a person can write: names to take, or that the change is right from this day on."""
    pairs = {d.column: d.other for d in found if d.kind == "column_renamed"}
    others = [d for d in found if d.kind != "column_renamed"]
    parts = [take_both(pairs, "renamed, by its values:")] if pairs else []
    if others:
        kinds = ", ".join(dict.fromkeys(f"{d.kind}: warn" for d in others))
        parts.append(
            "have it delivered as before, or correct the export's expressions and write what is right from now on: "
            f"`drift: {{usual_from: {day}}}` (or never ask again: `drift: {{{kinds}}}`)"
        )
    return "; ".join(parts)


def with_proposal(refusal: NotTakenError, delivered: Delivered, export: Export, watch: Watch) -> str:
    """The remedy for a file without required columns: its likely new names, from the values in them."""
    if not isinstance(refusal, MissingColumnsError) or not refusal.new:
        return refusal.remedy
    last = watch.newest_in_full(export)
    file = _read_leniently(delivered, export, watch) if last else None
    if not last or not file:
        return refusal.remedy
    pairs = renamed(refusal.lost, refusal.new, file, Usual.of([last]))
    return take_both(pairs, "renamed, by its values:") if pairs else refusal.remedy


def _read_leniently(delivered: Delivered, export: Export, watch: Watch) -> FileProfile | None:
    """The profile of a file whose required columns are not all there."""
    spec = export.file_spec
    lenient = replace(spec, columns=tuple(replace(column, required=False) for column in spec.columns))
    with TemporaryDirectory(prefix="drift-") as folder:
        try:
            landed = land(delivered, lenient, Path(folder, "landing"), watch.limits, keep=False)
            event: dict[str, Any] = {"landed_path": f"landing/{landed.name}", "columns": landed.shape.columns}
            event |= {"split_starts": landed.shape.starts, "split_lines": landed.shape.lines}
            return profiles.profile(event, lenient, Path(folder), 0)
        except Exception:  # noqa: BLE001 the file is refused in any case; this only looks for a better remedy
            return None


def kept_rows(outcomes: Sequence[Outcome], events: Sequence[Mapping[str, Any]], watch: Watch) -> list[dict[str, Any]]:
    """Rows of ops.column_profiles for the files received tonight; none of them holds a value."""
    by_path = {outcome.arrival.path: outcome for outcome in outcomes if outcome.profile}
    rows = []
    for event in events:
        outcome = by_path.get(event["path"])
        if event["state"] == "received" and outcome and outcome.profile:
            own = {name: event[name] for name in ("seq", "run_id", "run_date", "export", "delivery_date", "path")}
            rows += [{**own, **row} for row in profiles.as_rows(_kept(outcome.profile, watch.exports[event["export"]]))]
    return rows


def _kept(profile: FileProfile, export: Export) -> FileProfile:
    return profile.without_values([name for name, column in export.columns.items() if column.personal])
