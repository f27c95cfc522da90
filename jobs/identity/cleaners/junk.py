"""Values that stand for "unknown"."""

from itertools import pairwise

from jobs.identity.cleaners import letters
from jobs.identity.settings.identity import Junk

NAMES_TOO = ("na", "nan", "nil", "blank", "leer")  # with one capital they are names: 娜, 楠, Nil, Blank, Leer
LEAST_RUN = 5  # digits in a row that count up or down: somebody's thumb, no number


def usable(text: str, junk: Junk) -> str | None:
    """The text, None where it is junk: nothing, a word for "unknown", one letter three times or more."""
    return None if not text or text in junk.texts or letters.one_sign_only(text, least=3) else text


def usable_name(text: str, written: str, junk: Junk) -> str | None:
    """`usable` of a name, but "Na" or "Nil", written as names are, is one."""
    if text in NAMES_TOO and written.strip().istitle() and written.strip().isalpha():
        return text
    return usable(text, junk)


def code(text: str) -> str | None:
    """Letters and digits only; one character repeated four times or more (0000, xxxx) is no code."""
    kept = letters.letters_and_digits(letters.plain(text))
    return None if not kept or letters.one_sign_only(kept, least=4) else kept


def place_code(text: str, junk: Junk) -> str | None:
    """`code` of a postcode or a house number: no word for "unknown" either, and no zeros alone."""
    kept = code(text)
    return None if kept is None or kept in junk.texts or not kept.strip("0") else kept


def key_code(text: str, junk: Junk) -> str | None:
    """`code` of a number that proves who somebody is: no word for "unknown", no digits that anybody would type."""
    kept = place_code(text, junk)
    return None if kept is None or is_typed_at_random(kept) else kept


def is_typed_at_random(kept: str) -> bool:
    """One sign or two over and over (1111, 121212), or digits that count up or down (123456789, 0987654321)."""
    is_repeated = letters.one_sign_only(kept, least=LEAST_RUN - 1) or (
        len(kept) > LEAST_RUN and kept == (kept[:2] * len(kept))[: len(kept)]
    )
    return is_repeated or is_run(kept)


def is_run(digits: str) -> bool:
    """Whether digits count up or down by one from the first to the last."""
    if len(digits) < LEAST_RUN or not (digits.isascii() and digits.isdigit()):
        return False
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return steps in ({1}, {9})


def is_unknown_email(address: str, junk: Junk) -> bool:
    """Whether an address is a stand-in: one of the list, or one whose box is a word for "unknown"."""
    local = address.partition("@")[0]
    return address in junk.emails or letters.letters_and_digits(local) in junk.texts
