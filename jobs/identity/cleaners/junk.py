"""Values that stand for "unknown"."""

from jobs.identity.cleaners import letters
from jobs.identity.settings.identity import Junk


def usable(text: str, junk: Junk) -> str | None:
    """The text, None where it is junk: nothing, a word for "unknown", one letter three times or more."""
    return None if not text or text in junk.texts or letters.one_sign_only(text, least=3) else text


def code(text: str) -> str | None:
    """Letters and digits only; one character repeated four times or more (0000, xxxx) is no code."""
    kept = letters.letters_and_digits(letters.plain(text))
    return None if not kept or letters.one_sign_only(kept, least=4) else kept
