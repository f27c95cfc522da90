"""How a file's own column names become bronze's: light, since Spark's workers import it."""

import re
from collections.abc import Mapping

RESERVED = frozenset({"_file_id", "_source_file", "_source_line", "_malformed", "_run_date"})
SPECIAL = re.compile(r"[ ,;{}()\n\t=]")  # Delta takes these in names under column mapping alone


def in_bronze(name: str, known: Mapping[str, str], unnamed: str = "column") -> str:
    """The export's name where a file's differs by case or outer space alone; else the file's, in a form Delta takes.

    Args:
        known: the export's column names by their casefolded form.
        unnamed: stands for an empty name.
    """
    name = name.strip() or unnamed
    if name.casefold() in known:
        return known[name.casefold()]
    name = SPECIAL.sub("_", name)
    return f"_{name}" if name.casefold() in RESERVED else name
