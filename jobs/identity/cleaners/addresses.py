"""Streets and house numbers in one form."""

import re

from jobs.identity.cleaners import letters
from jobs.identity.cleaners.cleaning_settings import Rules

NUMBER_FIRST = re.compile(r"(\d+[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?)[,\s]+(\D.*)")  # 12 King Street
NUMBER_LAST = re.compile(r"(\D.*?)[,\s]+(\d+\s?[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?)")  # Hauptstr. 12 a


def street_and_house(line: str) -> tuple[str, str | None]:
    """A plain address line without the house number in it, and that number; None where it has none."""
    first = NUMBER_FIRST.fullmatch(line)
    if first is not None:
        return first.group(2), first.group(1)
    last = NUMBER_LAST.fullmatch(line)
    return (last.group(1), last.group(2)) if last is not None else (line, None)


def street_key(line: str, rules: Rules) -> str:
    """Letters and digits of a plain street, its kind (st, rd) written in one way."""
    words = line.replace(".", " ").replace(",", " ").split()
    if words and words[-1] in rules.street_types:
        words[-1] = rules.street_types[words[-1]]
    return letters.letters_and_digits("".join(words))
