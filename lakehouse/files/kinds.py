"""What kind of file it is by its content, and whether that is what the export says."""

import zipfile
from typing import BinaryIO

from lakehouse.files import html_tables, workbook
from lakehouse.files.delivered import Reading
from lakehouse.files.refusals import RefusedError
from lakehouse.files.spec import FileSpec


def is_workbook(handle: BinaryIO, head: bytes) -> bool:
    """Whether a file is a spreadsheet by its content: an old one, or a zip archive that holds one."""
    if head.startswith(workbook.STARTS[1]):
        return True
    if not head.startswith(workbook.STARTS[0]):
        return False
    try:
        with zipfile.ZipFile(handle) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False
    return "xl/workbook.xml" in names or "xl/workbook.bin" in names or {"content.xml", "mimetype"} <= names


def check_kind(spec: FileSpec, head: bytes, reading: Reading) -> None:
    """A file that is not what the export says is refused with the line of YAML that would take it."""
    is_book = reading.packing is None and is_workbook(reading.handle, head)
    if is_book and spec.format != "spreadsheet":
        raise RefusedError("it is a workbook (xlsx, xls or ods)", "write `format: spreadsheet` in the export")
    if spec.format == "spreadsheet" and not is_book and not reading.packing and not html_tables.is_html(head):
        raise RefusedError("it is text and no workbook", 'write `format: csv` and its `delimiter`, often a tab: "\\t"')
    if spec.format == "csv" and not reading.packing and html_tables.is_html(head):
        raise RefusedError("it is a web page, whatever its name says", "write `format: html` in the export")
