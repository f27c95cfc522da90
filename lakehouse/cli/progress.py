"""What a run shows while it goes: a line per job for people, or one JSON object a line for machines."""

import json
import sys
import threading
import time

from rich.console import Console

from lakehouse.runs.graph import Job
from lakehouse.runs.night import BLOCKED, FAILED, SKIPPED, Listener, Outcome
from lakehouse.runs.steps import Result

MARKS = {"done": "[green]done[/]", SKIPPED: "[dim]skip[/]", FAILED: "[bold red]FAIL[/]", BLOCKED: "[yellow]wait[/]"}


_writing = threading.Lock()


def listener(as_json: bool) -> Listener:
    """A listener that prints as jobs start and end."""
    return _json_line if as_json else _Lines().show


def _json_line(event: str, job: Job, outcome: Outcome | None) -> None:
    row = {"time": time.time(), "event": event, "job": job.name}
    if outcome:
        row |= {
            "outcome": outcome.outcome,
            "reason": outcome.reason,
            "seconds": outcome.seconds,
            "error": outcome.error,
        }
    with _writing:  # jobs run side by side, and `print` writes a line and its end one after the other
        print(json.dumps(row), flush=True)


class _Lines:
    def __init__(self) -> None:
        self.console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self.started = time.monotonic()

    def show(self, event: str, job: Job, outcome: Outcome | None) -> None:
        if event == "end" and outcome:
            clock = f"{time.monotonic() - self.started:5.0f}s"
            took = f"{outcome.seconds:5.1f}s" if outcome.seconds else "      "
            reason = outcome.error or outcome.reason
            self.console.print(f"[dim]{clock}[/] {MARKS[outcome.outcome]} {took} {job.name:34} [dim]{reason}[/]")


def closing(result: Result, as_json: bool) -> None:
    """The last line: how many jobs ran, and every failure with its remedy."""
    if as_json:
        row = {"event": "closing", "run_id": result.run_id, "run_date": str(result.run_date)}
        print(json.dumps({**row, "seconds": result.seconds, "is_good": result.is_good, "notes": result.notes}))
        return
    console = Console(highlight=False, soft_wrap=True)
    counts = {name: sum(o.outcome == name for o in result.outcomes) for name in MARKS}
    summary = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    console.print(f"\nNight of {result.run_date}: {summary} in {result.seconds:.0f} s (run {result.run_id})")
    for note in result.notes:
        console.print(f"[yellow]Note[/]: {note}")
    for outcome in (o for o in result.outcomes if o.error):
        console.print(f"[bold red]{outcome.job.name}[/]: {outcome.error}")
