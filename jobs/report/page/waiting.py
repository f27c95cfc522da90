"""What of a night needs a person: one sentence each, with where on the page to read on."""

from collections.abc import Iterator
from typing import NamedTuple

from jobs.report.page.night_facts import Facts

MOST_ANOMALIES = 5  # one fault shows in many measures


class Waiting(NamedTuple):
    """A sentence, the section it is from, and whether it is urgent: the night did not do what it should."""

    text: str
    section: str
    is_urgent: bool = False


def waiting(facts: Facts) -> list[Waiting]:
    """All of it, the urgent first."""
    found = [*_broken(facts), *_deliveries(facts), *_checks(facts), *_decisions(facts)]
    return sorted(found, key=lambda one: not one.is_urgent)


def _broken(facts: Facts) -> Iterator[Waiting]:
    for job in facts.jobs:
        if job["outcome"] in ("failed", "blocked"):
            yield Waiting(f"{job['job']} {job['outcome']}: {job['error'] or job.get('reason') or ''}", "machine", True)


def _deliveries(facts: Facts) -> Iterator[Waiting]:
    late = [row["export"] for row in facts.freshness if row["is_late"]]
    if late:
        yield Waiting(f"{_many(len(late), 'export')} late: {', '.join(late)}", "came", True)
    odd = [f for f in facts.files if f["state"] not in ("received", "duplicate")]
    if odd:
        yield Waiting(f"{_many(len(odd), 'file')} refused or waiting", "refused", True)
    differs = [f for f in facts.files if f["state"] == "received" and any(map(is_difference, f.get("remarks") or ()))]
    if differs:
        names = ", ".join(sorted({f["export"] for f in differs}))
        yield Waiting(f"{_many(len(differs), 'file')} taken that differ from those before: {names}", "differs")
    lines = sum(row["lines"] for row in facts.rows.get("reasons", []))
    if lines:
        yield Waiting(f"{_many(lines, 'line')} in quarantine tonight", "lines")
    kept = facts.rows.get("quarantine", [])
    if sum(row["lines"] for row in kept) > lines:
        oldest = max(row["age_days"] for row in kept)
        total = _many(sum(row["lines"] for row in kept), "line")
        yield Waiting(f"{total} in quarantine in all, the oldest for {_many(oldest, 'day')}", "quarantine")
    broken = sum(row["incomplete_orders"] or 0 for row in facts.rows.get("money", []))
    if broken:
        yield Waiting(f"{_many(int(broken), 'order')} may be smaller than they were: a line of each is broken", "money")
    doubled = sum(row["told_twice_orders"] or 0 for row in facts.rows.get("money", []))
    if doubled:
        yield Waiting(f"{_many(int(doubled), 'order')} told twice in one file: may be larger than they were", "money")


def is_difference(remark: str) -> bool:
    """Whether a remark on a file says that it differs from those before it."""
    return remark.startswith("differs: ")


def _checks(facts: Facts) -> Iterator[Waiting]:
    failed = facts.rows.get("failed_checks", [])
    for severity, is_urgent in (("critical", True), ("warning", False)):
        count = sum(row["severity"] == severity for row in failed)
        if count:
            yield Waiting(f"{_many(count, f'{severity} check')} failed", "quality", is_urgent)
    new = [row for row in facts.rows.get("anomalies", []) if row["since"] == facts.run_date]
    for row in new[:MOST_ANOMALIES]:
        yield Waiting(f"unusual: {row['sentence']}", "anomalies", row["measure"] == "missing")
    if len(new) > MOST_ANOMALIES:
        yield Waiting(f"{_many(len(new) - MOST_ANOMALIES, 'more unusual measure')}", "anomalies")
    drifted = [row for row in facts.rows.get("drift", []) if row["verdict"] == "drifted"]
    if drifted:
        names = ", ".join(f"{row['dimension']} {row['name']}".strip() for row in drifted)
        yield Waiting(f"shares drifted: {names}", "customers")


def _decisions(facts: Facts) -> Iterator[Waiting]:
    questions = sum(row["questions"] for row in facts.rows.get("review", []))
    if questions:
        yield Waiting(f"{_many(questions, 'question')} for a steward: are these the same person?", "identity")
    for row in facts.rows.get("model_changes", []):
        yield Waiting(
            f"the model {row['model']} waits to be applied: {row['customers']:,} customers change", "identity"
        )
    stopped = [row["tag"] for row in facts.rows.get("tags", []) if row["state"] != "in_force"]
    if stopped:
        yield Waiting(f"{_many(len(stopped), 'tag')} not in force: {', '.join(stopped)}", "tags")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
