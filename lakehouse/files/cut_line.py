"""Whether a text stops in the middle of its last line, as one does whose sender was not done or died."""

import csv
import io
import json
from pathlib import Path

from lakehouse.files.shapes import Shape
from lakehouse.files.spec import FileSpec

TAIL_BYTES = 1 << 20  # a longer last line is no sign of anything
REASON = "its last line is cut"
REMEDY = "nothing: if it is no longer by the next night, it is taken as it is, and that line is quarantined"


def is_cut(landed: Path, spec: FileSpec, shape: Shape) -> bool:
    """Whether the last line has no end and says less than a line of the file says.

    Only CSV and JSON lines: a document that is cut cannot be read at all. A line whose values are all there counts as
    whole, since many programs end no last line.
    """
    if spec.format not in ("csv", "json_lines"):
        return False
    lines = _last_lines(landed, shape.starts[0] if shape.starts else 0)
    if not lines or not lines[-1].strip():
        return False
    return _is_half_object(lines[-1]) if spec.format == "json_lines" else _is_short(lines, spec, len(shape.columns))


def _last_lines(landed: Path, start: int) -> list[str]:
    """The lines at the file's end, the last one "" where it has an end; [] where it cannot be told."""
    size = landed.stat().st_size
    with landed.open("rb") as file:
        file.seek(max(start, size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").split("\n")
    return lines if size - TAIL_BYTES <= start else lines[1:]


def _is_half_object(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line.lstrip().startswith("{")
    return False


def _is_short(lines: list[str], spec: FileSpec, width: int) -> bool:
    """Whether the last record has too few values; it may begin lines before, within quotes."""
    quote = spec.landed_quote
    first = len(lines) - 1
    if quote:
        while first > 0 and sum(line.count(quote) for line in lines[first:]) % 2:
            first -= 1
        if "".join(lines[first:]).count(quote) % 2:
            return True  # a quote that nothing closes
    form = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    source = io.StringIO("\n".join(lines[first:]))
    try:
        values = next(csv.reader(source, delimiter=spec.landed_delimiter, **form), [])
    except csv.Error:
        return False  # a fault of another kind, which the reading of the file names
    return len(values) < width or source.read(1) != ""
