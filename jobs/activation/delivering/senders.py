"""What each kind of destination has in common: it takes a batch and says what became of its parts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from jobs.activation.delivering.messages import Message

Answered = tuple[Sequence[Message], str, str, int]  # messages, state, reason, attempts


class UnreachableError(Exception):
    """The receiver takes nothing now; what is left waits for the next run.

    Args:
        unsure: keys of messages that it may have taken though no answer says so; None for all without an answer.
    """

    def __init__(self, what: str, unsure: Collection[str] | None = None) -> None:
        super().__init__(what)
        self.unsure = unsure

    def untaken(self, messages: Iterable[Message]) -> list[Message]:
        """Those that it has not taken, for sure."""
        return [] if self.unsure is None else [one for one in messages if one.key not in self.unsure]


class Sender(Protocol):
    """One destination while a run lasts."""

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """Parts of the batch with what became of them.

        Raises:
            UnreachableError: after the last attempt.
        """

    def close(self) -> None:
        """End connections."""
