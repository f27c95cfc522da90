"""A log line when a job starts and when it ends, for operators; people see the command line's own progress."""

import logging

from lakehouse.runs.graph import Job
from lakehouse.runs.night import BLOCKED, FAILED, Listener, Outcome

LEVELS = {FAILED: logging.ERROR, BLOCKED: logging.WARNING}
log = logging.getLogger(__name__)


def logged(listener: Listener | None) -> Listener:
    """A listener that logs each event, then passes it on."""

    def listen(event: str, job: Job, outcome: Outcome | None) -> None:
        _write(event, job, outcome)
        if listener:
            listener(event, job, outcome)

    return listen


def _write(event: str, job: Job, outcome: Outcome | None) -> None:
    if outcome is None:
        log.info("job starts", extra={"job": job.name})
        return
    extra = {
        "job": job.name,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "seconds": round(outcome.seconds, 3),
        "error": outcome.error,
    }
    log.log(LEVELS.get(outcome.outcome, logging.INFO), f"job {outcome.outcome}", extra=extra)
