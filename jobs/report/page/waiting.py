"""What of a night needs a person: one sentence each, with where on the page to read on."""

from collections.abc import Iterator
from typing import NamedTuple

from jobs.report.page.night_facts import Facts


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
    lines = sum(row["lines"] for row in facts.rows.get("reasons", []))
    if lines:
        yield Waiting(f"{_many(lines, 'line')} in quarantine tonight", "lines")
    broken = sum(row["incomplete_orders"] or 0 for row in facts.rows.get("money", []))
    if broken:
        yield Waiting(f"{_many(int(broken), 'order')} may be smaller than they were: a line of each is broken", "money")
    doubled = sum(row["told_twice_orders"] or 0 for row in facts.rows.get("money", []))
    if doubled:
        yield Waiting(f"{_many(int(doubled), 'order')} told twice in one file: may be larger than they were", "money")


def _checks(facts: Facts) -> Iterator[Waiting]:
    failed = facts.rows.get("failed_checks", [])
    for severity, is_urgent in (("critical", True), ("warning", False)):
        count = sum(row["severity"] == severity for row in failed)
        if count:
            yield Waiting(f"{_many(count, f'{severity} check')} failed", "quality", is_urgent)
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
