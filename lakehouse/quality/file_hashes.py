"""Row hashes of Parquet files, batch by batch."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.delta import log as delta_log
from lakehouse.quality import row_hashes

BATCH_ROWS = 131_072
SIDE_BY_SIDE = 2  # files


def batches(files: Iterable[str], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of files with all columns; one that a file has not yet is left out, as NULL leaves a hash alone."""
    for name in files:
        system, inner = delta_log.file_system(name)
        with pq.ParquetFile(inner, filesystem=system) as file:
            present = [column for column in schema.names if column in file.schema_arrow.names]
            # a NULL where none may be is the gate's to find
            wanted = pa.schema([schema.field(column).with_nullable(True) for column in present])
            for batch in file.iter_batches(BATCH_ROWS, columns=present):
                yield pa.Table.from_batches([batch]).select(present).cast(wanted)


def fingerprint(files: Sequence[str], schema: pa.Schema) -> int | None:
    """The sum of all row hashes; None where Spark alone knows a type's hash."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        totals = list(pool.map(lambda name: _total(name, schema), files))
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None


def _total(name: str, schema: pa.Schema) -> int | None:
    total = 0
    for batch in batches([name], schema):
        hashes = row_hashes.row_hashes(batch)
        if hashes is None:
            return None
        total += row_hashes.total(hashes)
    return total
