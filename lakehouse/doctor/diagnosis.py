"""One line of the doctor's report."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at and found; `fail` keeps a night from running."""

    level: Literal["ok", "warn", "fail"]
    name: str
    text: str
    remedy: str = ""


def ok(name: str, text: str) -> Diagnosis:
    """All is well."""
    return Diagnosis("ok", name, text)


def warn(name: str, text: str, remedy: str) -> Diagnosis:
    """A night runs, but somebody should know."""
    return Diagnosis("warn", name, text, remedy)


def fail(name: str, text: str, remedy: str) -> Diagnosis:
    """A night cannot run so."""
    return Diagnosis("fail", name, text, remedy)
