"""Lines of fixed width as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from lakehouse.files.refusals import RefusedError


def as_csv(pieces: Iterator[bytes], widths: Sequence[int]) -> Iterator[bytes]:
    """Cut every line into values of so many characters; the last takes the rest.

    Raises:
        RefusedError: no widths are given.
    """
    if not widths:
        raise RefusedError("the export does not say how wide its columns are", "write `widths: [8, 10, ...]`")
    rest = ""
    for piece in pieces:
        lines = (rest + piece.decode()).split("\n")
        rest = lines.pop()
        yield "".join(_row(line.rstrip("\r"), widths) + "\n" for line in lines).encode()
    if rest:
        yield _row(rest, widths).encode()


def _row(line: str, widths: Sequence[int]) -> str:
    if not line.strip():
        return ""
    cuts = [0, *accumulate(widths)]
    cuts[-1] = max(cuts[-1], len(line))
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([line[a:b].strip() for a, b in pairwise(cuts)])
    return out.getvalue()
