"""Errors that a person can act on: what happened, where, and the remedy, in one paragraph."""

from collections.abc import Sequence
from typing import Any


class LakehouseError(Exception):
    """Base of the product's own errors; `exit_code` is what the command line returns.

    Args:
        what: what went wrong, without personal values.
        where: file and line, table and column, or job.
        remedy: what to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(self.paragraph())

    def __reduce__(self) -> tuple[Any, ...]:
        """Across processes with all its parts, whatever a class of error is made from."""
        return _anew, (type(self), self.__dict__)

    def paragraph(self) -> str:
        """One paragraph: where, what, remedy."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        text = text.rstrip(".") + "."
        if not self.remedy:
            return text
        return f"{text} {self.remedy}" if self.remedy.endswith("?") else f"{text} {self.remedy.rstrip('.')}."


def _anew(kind: type[LakehouseError], parts: dict[str, Any]) -> LakehouseError:
    error = kind.__new__(kind)
    error.__dict__.update(parts)
    error.args = (error.paragraph(),)
    return error


class GateError(LakehouseError):
    """A critical expectation failed: last night's table stays, what depends on it does not run."""


class ConfigError(LakehouseError):
    """The configuration cannot be used; nothing has started."""

    exit_code = 2


class ConfigFileError(ConfigError):
    """Several faults of one file, each with its line."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.what, first.where, first.remedy)

    def paragraph(self) -> str:
        """A paragraph for each."""
        return "\n".join(error.paragraph() for error in self.errors)


class MachineError(LakehouseError):
    """The machine lacks something: Java, jars, disk, a lock held by a living night."""

    exit_code = 3
