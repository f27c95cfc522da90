"""Lines of a text file that are no rows, taken out by name and counted: their place stays as an empty line.

Line numbers of the landed copy are therefore those of the delivered file. What is looked at: comments, the export's own
`skip_lines`, headers that come again, rulers, rows without any value, lines outside a framed list, and at the end
totals and footers. Whatever else does not parse stays, and is set aside with its line number when it is read.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lakehouse.files.spec import FileSpec

TAIL_BYTES = 1 << 16
FEW = 3  # columns; in a narrower list a row of totals looks like any other
RULER = re.compile(rb"[ \t]*[-=_*+#~.|]{3,}[-=_*+#~.| \t]*")
TOTALS = frozenset(
    [
        "total",
        "totals",
        "sum",
        "subtotal",
        "gesamt",
        "gesamtsumme",
        "gesamtbetrag",
        "summe",
        "zwischensumme",
        "endsumme",
        "saldo",
        "somme",
        "totale",
        "totali",
        "totaal",
        "suma",
        "razem",
        "celkem",
        "součet",
        "összesen",
        "итого",
        "всего",
        "итог",
        "合计",
        "总计",
        "小计",
        "共计",
        "合計",
        "総計",
        "小計",
        "總計",
        "합계",
        "총계",
        "소계",
        "toplam",
    ]
) | {"grand total", "sub total", "total general", "total général", "sub-total"}
REPORT = re.compile(
    r"(?i)^(page|seite|página|pagina|report|generated|exported|printed|created|erstellt|exportiert|druck|stand|end of"
    r"|ende|fin de|records?|rows?|datensätze|anzahl|copyright|©|\*|#|第|共"
    r"|导出|生成|打印|制表|备注|注[:：]|出力|作成|출력)"
)
COUNTED = re.compile(
    r"(?i)^\W*(\d+ )?(record|row|line|item|order|entry|entrie|transaction|result)s?(\(s\))? "
    r"(downloaded|exported|selected|returned|found|listed|affected|in set)\b"
)


@dataclass
class LineRules:
    """Blanks lines that are no rows while text streams by.

    Args:
        header: the header line as bytes, b"" where there is none.
        width: values of a row.
        framed: whether rows stand between outer delimiters, as lists of SAP do.
    """

    spec: FileSpec
    header: bytes
    width: int
    framed: bool = False
    dropped: Counter[str] = field(default_factory=Counter)
    quotes: int = 0
    is_first: bool = True

    def applied(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same text with those lines empty, in pieces that end with a line."""
        held = b""
        for chunk in chunks:
            text = held + chunk
            cut = text.rfind(b"\n", 0, max(0, len(text) - TAIL_BYTES)) + 1
            if cut:
                yield self._body(text[:cut])
            held = text[cut:]
        yield self._tail(self._body(held))

    def _body(self, text: bytes) -> bytes:
        found = [(rule, match) for rule, own in self._own for match in _lines_with(own, text)]
        found += [(rule, match) for rule, pattern in self._patterns for match in pattern.finditer(text)]
        found += [("total", match) for match in self._totals.finditer(text) if self._is_total(match.group())]
        quote = self.spec.landed_quote.encode()
        cuts: dict[int, tuple[int, str]] = {}
        for rule, match in found:
            before = text.count(quote, 0, match.start()) if quote else 0
            if (self.quotes + before) % 2 == 0 and match.end() > match.start():
                cuts.setdefault(match.start(), (match.end(), rule))
        self.quotes += text.count(quote) if quote else 0
        self.is_first = False
        return self._without(text, cuts)

    def _without(self, text: bytes, cuts: dict[int, tuple[int, str]]) -> bytes:
        pieces, at = [], 0
        for start in sorted(cuts):
            end, rule = cuts[start]
            if start < at:
                continue
            pieces.append(text[at:start])
            self.dropped[rule] += 1
            at = end
        return b"".join([*pieces, text[at:]])

    @cached_property
    def _own(self) -> list[tuple[str, "re.Pattern[str]"]]:
        return [(rule, re.compile(pattern)) for rule, pattern in self.spec.skip_lines]

    @cached_property
    def _totals(self) -> "re.Pattern[bytes]":
        """Lines whose first value is a word for totals; those between the rows of a report, too."""
        delimiter = re.escape(self.spec.landed_delimiter.encode())
        words = sorted({form for word in TOTALS for form in (word, word.capitalize())}, key=len, reverse=True)
        listed = b"|".join(re.escape(word.encode()) for word in words) + (rb"|\*+" if self.framed else b"")
        before = rb'(?im)^(?:[ \t"]|' + delimiter + rb")*"
        return re.compile(before + rb"(?:" + listed + rb')[ \t:]*"?[ \t]*' + delimiter + rb"[^\n]*")

    def _is_total(self, line: bytes) -> bool:
        """Whether all other values are numbers, and half of the columns are empty."""
        values = [value.strip() for value in _values(line.decode("utf-8", "replace").rstrip("\r"), self.spec)]
        filled = [value for value in values if value]
        numbers = all(re.fullmatch(r"[^\W\d_]{0,3}[\W\d_]*[^\W\d_]{0,3}", value) for value in filled[1:])
        return self.width > FEW and len(filled) > 1 and numbers and 2 * len(filled) <= self.width + 1

    @cached_property
    def _patterns(self) -> list[tuple[str, "re.Pattern[bytes]"]]:
        """Rule and pattern of whole lines; longer lists cost time on every byte, so only what the file may have."""
        return list(self._made())

    def _made(self) -> Iterator[tuple[str, "re.Pattern[bytes]"]]:
        delimiter = re.escape(self.spec.landed_delimiter.encode())
        if self.spec.comment:
            yield "comment", re.compile(rb"(?m)^" + re.escape(self.spec.comment.encode()) + rb"[^\n]*")
        if self.header.strip():
            yield "repeated_header", re.compile(rb"(?m)^" + re.escape(self.header.rstrip(b"\r\n")) + rb"\r?$")
        if self.framed:
            yield (
                "outside_the_frame",
                re.compile(rb"(?m)^(?!" + delimiter + rb")[^\n]*\S[^\n]*|^" + delimiter + rb"[-|+= ]+$"),
            )
        elif self.width > 1:
            yield "ruler", re.compile(rb"(?m)^" + RULER.pattern + rb"\r?$")
        if self.width > 1:
            yield "no_values", re.compile(rb'(?m)^(?:[ \t]|"")*(?:' + delimiter + rb'(?:[ \t]|"")*)+\r?$')

    def _tail(self, text: bytes) -> bytes:
        """Take totals and footers off the end, and only there."""
        lines = text.split(b"\n")
        for i in range(len(lines) - 1, -1, -1):
            if not lines[i].strip():
                continue
            rule = self._closing(lines[i].decode("utf-8", "replace").rstrip("\r")) if i or not self.is_first else None
            if rule is None:
                break
            self.dropped[rule] += 1
            lines[i] = b""
        return b"\n".join(lines)

    def _closing(self, line: str) -> str | None:
        """The rule by which a line at the end is no row."""
        if self.width < 2 or RULER.fullmatch(line.encode()):
            return "ruler" if self.width >= 2 else None
        values = [value.strip() for value in _values(line, self.spec)]
        filled = [value for value in values if value]
        if not filled:
            return "no_values"
        first = filled[0].rstrip(":： ").casefold()
        if first in TOTALS and len(filled) <= max(2, (self.width * 3) // 5):
            return "total"
        if any(COUNTED.search(value) for value in filled):
            return "footer"
        is_short = len(values) < self.width or len(filled) == 1
        return "footer" if is_short and len(filled) <= 2 and _is_remark(filled, values) else None


def _is_remark(filled: list[str], values: list[str]) -> bool:
    """Whether a line's only value is a sentence or a heading: a cut-off row begins with a key, not with words."""
    if not values[0] or "@" in filled[0] or re.fullmatch(r"[\W\d_]*", filled[0]):
        return False
    if REPORT.match(filled[0]) or filled[0].rstrip(":： ").casefold() in TOTALS:
        return True
    return len(filled) == 1 and bool(re.search(r"[:：【】\[\]]|\w+ \w+ \w+", filled[0]))


def _values(line: str, spec: FileSpec) -> list[str]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if spec.landed_quote else csv.QUOTE_NONE
    try:
        return next(
            csv.reader([line], delimiter=spec.landed_delimiter, quotechar=spec.landed_quote or None, quoting=quoting),
            [],
        )
    except csv.Error:
        return [line] * 3  # no remark: it stays, and is set aside when it is read


LINE = re.compile(rb"(?m)^[^\n]+")


def _lines_with(pattern: "re.Pattern[str]", text: bytes) -> Iterator["re.Match[bytes]"]:
    """The lines in which a pattern is found."""
    return (
        line for line in LINE.finditer(text) if pattern.search(line.group().decode("utf-8", "replace").rstrip("\r"))
    )


def unframed(chunks: Iterator[bytes], delimiter: bytes) -> Iterator[bytes]:
    """Rows between outer delimiters without these and without padding: `| 1001 | 5 |` is `1001|5`."""
    inner = re.compile(rb"[ \t]*" + re.escape(delimiter) + rb"[ \t]*")
    rest = b""
    for chunk in chunks:
        whole, cut, rest = (rest + chunk).rpartition(b"\n")
        if cut:
            yield b"\n".join(_unframed(line, delimiter, inner) for line in (whole).split(b"\n")) + b"\n"
    if rest:
        yield _unframed(rest, delimiter, inner)


def _unframed(line: bytes, delimiter: bytes, inner: "re.Pattern[bytes]") -> bytes:
    stripped = line.strip()
    if not stripped.startswith(delimiter):
        return line
    return inner.sub(delimiter, stripped.removeprefix(delimiter).removesuffix(delimiter).strip())
