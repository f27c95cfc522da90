"""Text in the encodings that exports come in, to UTF-8 without a byte order mark, as a stream."""

import codecs
from collections.abc import Iterator

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949"}
SAMPLE_BYTES = 1 << 17


class UndecodableError(Exception):
    """The text is not in this encoding; `line` is the first that is not, `sample` the bytes around."""

    def __init__(self, line: int, sample: bytes) -> None:
        self.line, self.sample = line, sample
        super().__init__(f"line {line}")


def marked(head: bytes) -> str | None:
    """The encoding that the first bytes give away: a byte order mark, or the zero bytes of UTF-16 without one."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    head = head[: len(head) // 2 * 2][:4096]
    low, high = head[::2].count(0), head[1::2].count(0)
    if max(low, high) > len(head) // 20 and min(low, high) == 0:
        return "utf-16-be" if low else "utf-16-le"
    return None


def canonical(encoding: str) -> str:
    """Python's name of an encoding, or of the superset that files under that name really use (GBK is GB18030).

    Raises:
        LookupError: there is no such text encoding.
    """
    name = codecs.lookup(encoding).name
    "".encode(name)  # not every codec is a text encoding
    return {"utf-8-sig": "utf-8"}.get(name, WIDER.get(name, name))


def to_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text as UTF-8 bytes without a byte order mark, chunk by chunk.

    Raises:
        UndecodableError: bytes that the encoding does not have.
    """
    decode = _checked_utf8 if encoding == "utf-8" else _decoded
    first = True
    for text in decode(chunks, encoding):
        yield text.removeprefix(codecs.BOM_UTF8) if first else text
        first = first and not text


def _checked_utf8(chunks: Iterator[bytes], _: str) -> Iterator[bytes]:
    """UTF-8 passes through; only whether it is UTF-8 is looked at."""
    line, rest = 1, b""
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        done = len(data)
        if not data.isascii():
            try:
                done = codecs.utf_8_decode(data, "strict", False)[1]
            except UnicodeDecodeError as error:
                raise _undecodable(line, data, error.start) from None
        line += data.count(b"\n")
        rest = data[done:]
        yield data[:done] if rest else data
    if rest:
        raise UndecodableError(line, rest)


def _decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder, line = codecs.getincrementaldecoder(encoding)("strict"), 1
    for chunk in chunks:
        try:
            text = decoder.decode(chunk).encode()
        except UnicodeError as error:
            raise _undecodable(line, chunk, getattr(error, "start", 0)) from None
        line += text.count(b"\n")
        yield text
    try:
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise UndecodableError(line, b"") from None


def _undecodable(line: int, data: bytes, at: int) -> UndecodableError:
    sample = data[max(0, at - SAMPLE_BYTES) : at + SAMPLE_BYTES]
    return UndecodableError(line + data.count(b"\n", 0, at), sample.partition(b"\n")[2] or sample)
