"""A workbook's sheet as CSV: xlsx, xlsb, xls and ods, formulas as their values, dates as dates.

Reading happens in a process of its own with a limit on memory and time, since a small file may describe a sheet of a
billion cells. Run as `python -m lakehouse.files.workbook FILE SHEET MEGABYTES`.
"""

import csv
import io
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from lakehouse.files.refusals import RefusedError

SECONDS = 600
STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # zip, and the old OLE form
NO_SHEET = 3


def sheet_as_csv(path: Path, sheet: str, megabytes: float) -> Iterator[bytes]:
    """The sheet's rows as CSV text; row n of the sheet is line n.

    Raises:
        RefusedError: it does not open, has no such sheet, or needs more memory than `megabytes` (times four).
    """
    command = [sys.executable, "-m", "lakehouse.files.workbook", str(path), sheet, str(megabytes)]
    places = os.pathsep.join(place for place in sys.path if place)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": places}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while piece := process.stdout.read(1 << 20):
            yield piece
        message = process.stderr.read().decode("utf-8", "replace")
        code = process.wait(SECONDS)
    if code == NO_SHEET:
        raise RefusedError(
            f"the workbook has no sheet '{sheet}'", f"its sheets are: {message.strip()}; correct `sheet`"
        )
    if code:
        raise RefusedError(
            "it does not open as a workbook, is protected by a password, or describes more cells than memory holds",
            "save it again, or as CSV",
        )


def rows(path: Path, sheet: str) -> Iterator[list[str]]:
    """The sheet's rows as text, from the workbook's first row on.

    Raises:
        LookupError: there is no such sheet; holds the names of those that there are.
    """
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(path)
    names = [name for name in workbook.sheet_names if not sheet or name.strip().casefold() == sheet.strip().casefold()]
    if not names:
        raise LookupError(", ".join(workbook.sheet_names))
    opened = workbook.get_sheet_by_name(names[0])
    first_row = (opened.start or (0, 0))[0]
    for _ in range(first_row):
        yield []
    for row in opened.to_python(skip_empty_area=True):
        yield [text(value) for value in row]


def sheet_names(path: Path) -> list[str]:
    """The names of a workbook's sheets, in its order."""
    from python_calamine import CalamineWorkbook

    return list(CalamineWorkbook.from_path(path).sheet_names)


def text(value: Any) -> str:
    """A cell as text: numbers with the 15 digits that a spreadsheet keeps, dates in ISO form."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number(value: float) -> str:
    shown = f"{value:.15g}"
    if "e" not in shown:
        return shown
    return f"{value:.0f}" if value.is_integer() else f"{value:.20f}".rstrip("0")


def main() -> int:
    """Write the rows to standard output."""
    path, sheet, megabytes = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    most = int(megabytes * 4) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", errors="replace")
    writer = csv.writer(out, lineterminator="\n")
    try:
        for row in rows(path, sheet):
            writer.writerow(row) if any(row) else out.write("\n")
    except LookupError as error:
        sys.stderr.write(str(error.args[0]))
        return NO_SHEET
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
