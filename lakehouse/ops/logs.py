"""Log lines for operators: levels, the run they belong to, as text or one JSON object a line; no personal values.

What a person sees of a run is printed by the command line; this is what a log collector keeps. Lines go to stderr.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

PRODUCT = ("lakehouse", "jobs")
TALKATIVE = ("py4j", "pyspark", "matplotlib", "urllib3", "alembic", "great_expectations", "splink", "mlflow")
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None
_run: dict[str, str] = {}


def configure(level: str, form: str) -> None:
    """Send the product's log lines to stderr; safe to call again.

    Args:
        level: debug, info, warning or error, of the product's own loggers; others are heard from warnings on.
        form: `text` for people, `json` for one object a line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    for name in PRODUCT:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False
    for name in TALKATIVE:
        if logging.getLogger(name).level < logging.WARNING:
            logging.getLogger(name).setLevel(logging.WARNING)


def begin_run(run_id: str, run_date: str) -> None:
    """From here on each line names this run."""
    _run.update(run_id=run_id, run_date=run_date)


def end_run() -> None:
    """From here on lines belong to no run."""
    _run.clear()


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says beside its message: the run, and the `extra` of the call."""
    return _run | {key: value for key, value in record.__dict__.items() if key not in STANDARD}


def origin(info: ErrorInfo) -> str:
    """The class of an error and the lines it passed; never its text, which may repeat a value."""
    kind, _, trace = info or (None, None, None)
    if kind is None:
        return ""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return f"{kind.__name__} at {' < '.join(reversed(frames))}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, run_id, run_date and the fields of the call."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(record),
        }
        if error := origin(record.exc_info):
            line["error_origin"] = error
        return json.dumps(line, default=str, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Time, level, logger, message, then the fields as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of text."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        rest = "".join(f" {key}={value}" for key, value in fields(record).items() if value not in ("", None))
        error = origin(record.exc_info)
        line = f"{at} {record.levelname.lower():7} {record.name}: {record.getMessage()}{rest}"
        return f"{line} ({error})" if error else line
