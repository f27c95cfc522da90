"""Where rows and columns stand in text without delimiters: columns by their width, rows of XML by their path."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from lakehouse.files.documents import local

FEWEST = 3  # columns; fewer are words and their spaces


def widths_of(lines: Sequence[str]) -> tuple[int, ...]:
    """Characters of each column where all lines leave two spaces or more free at the same places; else ()."""
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < FEWEST:
        return ()
    longest = max(map(len, filled))
    is_free = [all(at >= len(line) or line[at] == " " for line in filled) for at in range(longest)]
    gaps = [m for m in re.finditer("1{2,}", "".join("01"[free] for free in is_free)) if m.end() < longest]
    starts = [0, *(gap.end() for gap in gaps), longest]
    widths = tuple(b - a for a, b in pairwise(starts))
    names = len(re.split(r" {2,}", filled[0].strip()))
    return widths if len(widths) >= FEWEST and names == len(widths) else ()


def xml_rows(text: bytes) -> str:
    """The path of the rows: the outermost element with parts that comes more than once; '' for children of the root."""
    counts: Counter[tuple[str, ...]] = Counter()
    stack: list[str] = []
    try:
        for event, element in iterparse(io.BytesIO(text), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                stack.append(local(element.tag))
                continue
            counts[tuple(stack)] += bool(len(element) or element.attrib)
            stack.pop()
    except (ParseError, DefusedXmlException):
        return ""
    several = [path for path, count in counts.items() if count > 1]
    path = min(several, key=lambda p: (len(p), -counts[p]), default=())
    return "/".join(path) if len(path) > 2 else ""
