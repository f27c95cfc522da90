"""The encoding to read a file with, and the refusals where none fits or several do."""

from lakehouse.files import documents, encodings, html_tables
from lakehouse.files.delivered import Reading
from lakehouse.files.detection import BROKEN_UTF8, CANDIDATES, Detected, Evidence, detect
from lakehouse.files.refusals import RefusedError

WHOLE_EVIDENCE_BYTES = 8 << 20  # larger files are tried as UTF-8 first, their letters looked at only where they are not


def encoding_of(reading: Reading) -> str:
    """The encoding to read with: the mark in the file, what the export or the document says, else what its letters say.

    Raises:
        RefusedError: none fits, or several do: both are named, with the line of YAML that ends the matter.
    """
    spec, head = reading.spec, reading.head()
    declared = None if spec.encoding == "auto" else spec.encoding
    if declared is None and spec.format in ("html", "spreadsheet"):
        declared = html_tables.declared_encoding(head)
    if declared is None and spec.format == "xml":
        declared = documents.declared_encoding(head)
    try:
        if mark := encodings.marked(head):
            return mark
        if declared is not None:
            return encodings.canonical(declared)
    except LookupError:
        raise RefusedError(f"the encoding '{declared}' is not known", "correct `encoding` in the export") from None
    return _detected(reading)


def _detected(reading: Reading) -> str:
    if reading.delivered.bytes > WHOLE_EVIDENCE_BYTES and _is_utf8(reading):
        return "utf-8"
    evidence = Evidence.of(reading.unpacked())
    names = [name for column in reading.spec.columns for name in (column.name, *column.also)]
    candidates = reading.limits.fallback_encodings or CANDIDATES
    found = detect(evidence, names, reading.delivered.usual, candidates)
    if found.encoding is None:
        raise _doubtful(found, evidence)
    return found.encoding


def _is_utf8(reading: Reading) -> bool:
    try:
        for _ in encodings.to_utf8(reading.unpacked(), "utf-8"):
            pass
    except encodings.UndecodableError:
        return False
    return True


def _doubtful(found: Detected, evidence: Evidence) -> RefusedError:
    if found.rivals:
        names = " or ".join(found.rivals)
        return RefusedError(
            f"its text may be {names}: {found.why}",
            f"open it in each, and write the right one into the export, e.g. `encoding: {found.rivals[0]}`",
        )
    if found.why == BROKEN_UTF8 or evidence.bad_line:
        return undecodable(evidence.bad_line, "utf-8")
    return RefusedError(f"its encoding is not clear: {found.why}", "name the right `encoding` in the export")


def undecodable(line: int, encoding: str | None) -> RefusedError:
    """The refusal of a file whose line is not text in the encoding."""
    return RefusedError(
        f"line {line} is not {encoding} text", "name the right `encoding` in the export, or deliver it again"
    )
