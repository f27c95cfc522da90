"""Streets and house numbers in one form."""

import re

NUMBER_FIRST = re.compile(r"(\d+[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?)[,\s]+(\D.*)")  # 12 King Street
NUMBER_LAST = re.compile(r"(\D.*?)[,\s]+(\d+\s?[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?)")  # Hauptstr. 12 a


def street_and_house(line: str) -> tuple[str, str | None]:
    """A plain address line without the house number in it, and that number; None where it has none."""
    first = NUMBER_FIRST.fullmatch(line)
    if first is not None:
        return first.group(2), first.group(1)
    last = NUMBER_LAST.fullmatch(line)
    return (last.group(1), last.group(2)) if last is not None else (line, None)
