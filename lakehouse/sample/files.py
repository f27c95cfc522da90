"""How the exports' bytes are made: nothing in a file depends on the clock, the machine or an earlier run."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq


@dataclass
class DropZone:
    """Writes exports to `folder`/<delivery day>/ up to `last_day`, and counts what it wrote."""

    folder: Path
    last_day: date
    files: int = 0
    size_bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    def write(self, export: str, suffix: str, delivered: date, content: bytes, rows: int) -> None:
        """Put one file `<export>_<suffix>` in place whole: a reader never sees half of it."""
        write_whole(self.folder / delivered.isoformat() / f"{export}_{suffix}", content)
        self.files += 1
        self.size_bytes += len(content)
        self.rows[export] = self.rows.get(export, 0) + rows


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, then rename; the hidden name matches no export."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def parts(labels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Each label in order with the positions of its rows, which keep their order."""
    if not len(labels):
        return
    order = np.argsort(labels, kind="stable")
    names, starts = np.unique(labels[order], return_index=True)
    for name, positions in zip(names, np.split(order, starts[1:]), strict=True):
        yield str(name), positions


class FileForm(NamedTuple):
    """How a channel writes its files: the ending of their names, and their bytes."""

    extension: str
    encode: Callable[[pd.DataFrame], bytes]


def write_parts(
    zone: DropZone,
    export: str,
    frame: pd.DataFrame,
    days: np.ndarray,
    labels: np.ndarray,
    form: FileForm,
) -> None:
    """One file per label with the rows of `frame` that carry it; `days` are the rows' delivery days."""
    for label, positions in parts(labels):
        delivered = days[positions[0]].astype(date)
        if delivered <= zone.last_day:
            rows = frame.iloc[positions]
            zone.write(export, f"{label}{form.extension}", delivered, form.encode(rows), len(rows))


def csv_bytes(
    frame: pd.DataFrame,
    encoding: str = "utf-8",
    delimiter: str = ",",
    line_end: str = "\n",
    quote_all: bool = False,
) -> bytes:
    """Delimited text with a header; a missing value is empty."""
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    text = frame.to_csv(None, index=False, sep=delimiter, lineterminator=line_end, quoting=quoting)
    return text.encode(encoding)


def csv_bytes_of_table(table: pa.Table) -> bytes:
    """Delimited text of a big table without missing values and without a character that needs quotes."""
    buffer = io.BytesIO(",".join(table.column_names).encode() + b"\n")
    buffer.seek(0, io.SEEK_END)
    plain = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    arrow_csv.write_csv(table, buffer, plain)
    return buffer.getvalue()


def json_lines(frame: pd.DataFrame) -> bytes:
    """One JSON object per row; a missing value is null."""
    return frame.to_json(orient="records", lines=True, force_ascii=False).encode()


def joined(texts: pa.Array, starts: np.ndarray, separator: str) -> pa.Array:
    """Joins runs of texts: run i begins at starts[i] and ends before the next one's start."""
    offsets = pa.array(np.append(starts, len(texts)), pa.int32())
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), separator)


def gzipped(content: bytes) -> bytes:
    """Gzip without the time and name of a file in its head."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def parquet_bytes(table: pa.Table) -> bytes:
    """Parquet without the metadata that another library left."""
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), buffer, compression="snappy")
    return buffer.getvalue()
