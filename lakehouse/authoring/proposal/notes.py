"""What a proposal found, left out and asks: comments of its YAML, and lines on the terminal."""

from dataclasses import dataclass, field


@dataclass
class Notes:
    """Sentences in the order they were made, each once.

    Args:
        found: how something is read.
        left_out: what is not used, or does not count.
        asked: where a person must look: another reading is possible, and figures hang on it.
    """

    found: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def find(self, sentence: str) -> None:
        """Say how something is read."""
        _add(self.found, sentence)

    def leave_out(self, sentence: str) -> None:
        """Say what does not count."""
        _add(self.left_out, sentence)

    def ask(self, sentence: str) -> None:
        """Ask a person."""
        _add(self.asked, sentence)


def _add(sentences: list[str], sentence: str) -> None:
    if sentence not in sentences:
        sentences.append(sentence)


def some(words: object, most: int = 8) -> str:
    """`a, b, c and 4 more`."""
    texts = [str(word) for word in words]  # type: ignore[attr-defined]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
