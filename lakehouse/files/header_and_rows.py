"""A table's text from its header on, without the lines that are no rows."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from lakehouse.files.delivered import Reading
from lakehouse.files.headers import Header, find_header
from lakehouse.files.spec import FileSpec, in_bytes
from lakehouse.files.text_rules import LineRules, unframed


def with_rules(pieces: Iterator[bytes], reading: Reading) -> Iterator[bytes]:
    """Find the header; then the text with the lines that are no rows taken out."""
    spec, most = reading.spec, in_bytes(reading.limits.header_megabytes)
    head, size = [], 0
    for piece in pieces:
        head.append(piece)
        size += len(piece)
        if size >= most:
            break
    beginning = b"".join(head)
    if not spec.header:
        rules = LineRules(spec, b"", len(spec.columns), dropped=reading.dropped)
        return rules.applied(chain([beginning], pieces))
    return _after_header(beginning, pieces, reading)


def _after_header(beginning: bytes, pieces: Iterator[bytes], reading: Reading) -> Iterator[bytes]:
    spec = reading.spec
    physical = beginning.split(b"\n")
    lines = [line.decode("utf-8", "replace").removesuffix("\r") for line in physical]
    header = find_header(lines, spec)
    count = min(header.line + header.line_count, len(physical))
    start = min(sum(len(line) + 1 for line in physical[:count]), len(beginning))
    header_line = b"\n".join(physical[header.line : count])
    is_framed = not header.names[:1] or (not header.names[0].strip() and _is_framed(lines[count : count + 50], spec))
    is_framed = is_framed and header_line.strip().startswith(spec.landed_delimiter.encode())
    header = _trimmed(header, lines[count : count + 50], spec, is_framed)
    reading.header = (header, start)
    _note_preamble(lines[: header.line], header, reading.dropped)
    rules = LineRules(spec, header_line, len(header.names), is_framed, reading.dropped)
    body = rules.applied(chain([beginning[start:]], pieces))
    return chain([beginning[:start]], unframed(body, spec.landed_delimiter.encode()) if is_framed else body)


def _is_framed(following: list[str], spec: FileSpec) -> bool:
    """Whether rows begin with a delimiter, too; a first column without a name has values."""
    filled = [line.strip() for line in following if line.strip()]
    return 2 * sum(line.startswith(spec.landed_delimiter) for line in filled) >= len(filled)


def _note_preamble(lines: list[str], header: Header, dropped: Counter[str]) -> None:
    before = sum(bool(line.strip()) for line in lines) - header.has_sep_line
    if header.has_sep_line:
        dropped["sep_line"] += 1
    if before:
        dropped["preamble"] += before


def _trimmed(header: Header, following: list[str], spec: FileSpec, is_framed: bool) -> Header:
    """The header without outer delimiters, and without empty names that the rows have no value for."""
    names = [name.strip() for name in header.names] if is_framed else list(header.names)
    if is_framed:
        names = names[1:-1] if not names[-1] else names[1:]
    elif names and not names[-1].strip():
        width = next((line.count(spec.landed_delimiter) + 1 for line in following if line.strip()), len(names))
        while len(names) > width and not names[-1].strip():
            names.pop()
    return Header(names, header.line, header.line_count, header.has_sep_line)
