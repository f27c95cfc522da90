"""What each kind of destination has in common: it takes a batch and says what became of its parts."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from jobs.activation.delivering.messages import Message

Answered = tuple[Sequence[Message], str, str, int]  # messages, state, reason, attempts


class UnreachableError(Exception):
    """The receiver takes nothing now; what is left waits for the next run."""


class Sender(Protocol):
    """One destination while a run lasts."""

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """Parts of the batch with what became of them.

        Raises:
            UnreachableError: after the last attempt.
        """

    def close(self) -> None:
        """End connections."""
