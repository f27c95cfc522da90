"""An export's file as bronze would hold it: landed and parsed by the reader of a night, into a folder that goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from lakehouse.config.exports import Export
from lakehouse.files import encodings
from lakehouse.files.delivered import Delivered
from lakehouse.files.detection import CANDIDATES, Evidence, detect
from lakehouse.files.land import Landed, land
from lakehouse.files.read_parts import read_parts
from lakehouse.files.refusals import NotTakenError
from lakehouse.files.spec import UsualLimits
from lakehouse.files.tasks import parts_of, reading_of
from lakehouse.files.unpack import chunks, compression, gunzipped, member_names, open_plain, unzipped

LINES = 2000  # a preview shows so many lines: grouping targets want whole groups
MOST_BYTES = 4_000_000
FALLBACKS = CANDIDATES
RECORD_LINES = 1000
BLOCK_MEGABYTES = 4
TECHNICAL = ("_file_id", "_source_file", "_source_line", "_malformed")


@dataclass(frozen=True)
class Lines:
    """The first records of a file.

    Args:
        table: the file's columns as text, `_source_line` BIGINT, `_source_file` and `_file_id` STRING.
        malformed: lines that did not parse, by their numbers.
        missing: required columns that the file lacks.
        extra: columns that the export does not list.
        encoding: what the text was decoded from; None for workbooks and Parquet.
        dropped: rule -> lines that are no rows, and nul_bytes.
        remarks: what a person should know of how the file was read.
    """

    table: pa.Table
    malformed: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    encoding: str | None = None
    dropped: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def lines(
    path: Path,
    export: Export,
    limit: int | None = LINES,
    most: int = MOST_BYTES,
    fallbacks: Sequence[str] = (),
    member: str = "",
) -> Lines:
    """Read the file as a night reads it, and give its first records (all, without a limit).

    Args:
        most: kept for callers; the whole file is read, since only the whole says what it is.
        member: name of a file in an archive of several.

    Raises:
        ValueError: the file is refused, with the reason and what to do about it.
    """
    del most
    limits = UsualLimits(fallback_encodings=tuple(fallbacks))
    with TemporaryDirectory(prefix="lakehouse-preview-") as folder:
        try:
            landed = land(Delivered.of(path, member), export.file_spec, Path(folder), limits, keep=False)
        except NotTakenError as refusal:
            raise ValueError(f"{refusal.reason}; {refusal.remedy}") from None
        table, malformed = _parsed(landed, export, Path(folder), path.name, limit)
    return Lines(table, tuple(malformed), (), landed.shape.extra, landed.encoding, dict(landed.dropped), landed.remarks)


def _parsed(landed: Landed, export: Export, folder: Path, name: str, limit: int | None) -> tuple[pa.Table, list[int]]:
    """The rows that parsed, with the export's columns filled up, and the numbers of the lines that did not."""
    event = {
        "file_id": landed.file_id,
        "path": name,
        "landed_path": landed.name,
        "landed_bytes": landed.bytes,
        "columns": landed.shape.columns,
        "split_starts": landed.shape.starts,
        "split_lines": landed.shape.lines,
    }
    names = dict.fromkeys([*export.columns, *landed.shape.columns])
    reading = reading_of(export.file_spec, BLOCK_MEGABYTES, RECORD_LINES)
    batches, malformed, count = [], [], 0
    if landed.shape.columns or reading.format == "json_lines":
        parts = parts_of(event, str(folder))
        for batch in read_parts(parts, reading, list(names), foreseen=False):
            broken = batch.column("_malformed").is_valid()
            malformed += batch.filter(broken).column("_source_line").to_pylist()
            batches.append(pa.Table.from_batches([batch.filter(batch.column("_malformed").is_null())]))
            count += batches[-1].num_rows
            if limit is not None and count >= limit:
                break
    table = pa.concat_tables(batches, promote_options="default") if batches else _empty(list(names))
    table = table.drop_columns(["_malformed"]).combine_chunks()
    return (table if limit is None else table.slice(0, limit)), malformed


def _empty(names: list[str]) -> pa.Table:
    kinds = {"_source_line": pa.int64()}
    return pa.table({name: pa.array([], kinds.get(name, pa.string())) for name in [*names, *TECHNICAL]})


def decoded(path: Path, encoding: str, most: int = MOST_BYTES, fallbacks: Sequence[str] = ()) -> str:
    """The beginning of a text file, unpacked and decoded, up to its last whole line.

    Raises:
        ValueError: none of the known encodings fits, or two do; both are named.
    """
    pieces = list(_text(path, encoding, fallbacks, most))
    text = b"".join(pieces)
    cut = text[:most]
    whole = cut[: cut.rfind(b"\n") + 1] if len(text) > most and b"\n" in cut else cut
    return whole.decode("utf-8", "ignore").replace("\0", "")


def _text(path: Path, encoding: str, fallbacks: Sequence[str], most: int) -> list[bytes]:
    try:
        chosen = encoding_of(unpacked(path), fallbacks) if encoding == "auto" else encodings.canonical(encoding)
        pieces, size = [], 0
        for piece in encodings.to_utf8(_unpacked_pieces(path), chosen):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                break
    except encodings.UndecodableError as fault:
        raise ValueError(f"line {fault.line} is not {chosen} text") from None
    except LookupError as error:
        raise ValueError(f"the encoding '{encoding}' is not known") from error
    return pieces


def beginning(path: Path, most: int = MOST_BYTES) -> tuple[bytes, bool]:
    """The first bytes of a file, unpacked by its content, and whether there are more."""
    data = unpacked(path, most + 1)
    return data[:most], len(data) > most


def unpacked(path: Path, most: int | None = None) -> bytes:
    """A file's bytes, unpacked by its content; of an archive the first file.

    Raises:
        ValueError: it is damaged.
    """
    pieces, size = [], 0
    for piece in _unpacked_pieces(path):
        pieces.append(piece)
        size += len(piece)
        if most is not None and size >= most:
            break
    data = b"".join(pieces)
    return data if most is None else data[:most]


def _unpacked_pieces(path: Path) -> Iterator[bytes]:
    try:
        with open_plain(path) as handle:
            packing = compression(handle.read(4))
            handle.seek(0)
            if packing == "zip" and (names := member_names(path, UsualLimits().max_members)):
                yield from unzipped(handle, names[0])
            else:
                yield from gunzipped(chunks(handle)) if packing == "gzip" else chunks(handle)
    except NotTakenError as refusal:
        raise ValueError(f"{refusal.reason}; {refusal.remedy}") from None


def encoding_of(data: bytes, fallbacks: Sequence[str] = ()) -> str:
    """The encoding of a file's bytes, as landing tells it.

    Raises:
        ValueError: none of the known ones fits, or several do; they are named.
    """
    evidence = Evidence.of([data])
    found = detect(evidence, candidates=tuple(fallbacks) or CANDIDATES)
    if found.encoding is None:
        names = " or ".join(found.rivals) or "none of the known encodings"
        remedy = f"name the right one: `encoding: {found.rivals[0] if found.rivals else 'utf-8'}`"
        raise ValueError(f"its text may be {names}: {found.why}; {remedy}")
    return found.encoding
