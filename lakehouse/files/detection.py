"""Which encoding a text is in, told over the whole of it; where two fit, both are named and nobody guesses.

The order of evidence: a byte order mark; UTF-8 that holds for every byte; the export's own column names, which the
header must show; the encoding of the export's earlier deliveries; and how well each encoding explains the distinct
words with a byte beyond ASCII. Encodings that give the same letters for all of them are one answer.
"""

import codecs
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import charset_normalizer

from lakehouse.files import encodings, scripts

CANDIDATES = (
    "gb18030",
    "cp950",
    "cp932",
    "cp949",
    "euc_jp",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "iso8859-2",
    "koi8-r",
    "cp866",
    "mac-roman",
    "cp850",
    "cp1256",
    "cp1255",
    "cp874",
    "cp1258",
    "iso8859-5",
    "iso8859-6",
    "iso8859-7",
    "mac-cyrillic",
    "cp720",
    "cp737",
    "cp862",
)
TOKEN = re.compile(rb"[\x30-\x39\x40-\xff]+")  # no encoding has these bounds inside a character
LONGEST_WORD = 64  # bytes of a word that are looked at
MOST_WORDS = 50_000
SCORED_WORDS = 2_000  # of them, spread over the whole text
HEAD_BYTES = 65_536
BROKEN_UTF8 = "some of it is UTF-8 and some is not"
FITTING = scripts.LIKELY
FEW_WORDS = 3
CHANCE_CHARACTERS = 2  # so many characters of another encoding may keep the rules of UTF-8 by chance
SURE_CHARACTERS = 6  # so many different ones do not: one in seven pairs of bytes of GBK does, and fewer of others
MARGIN = 9.0  # natural log of the odds: about 8,000 to 1
USUAL_MARGIN = -12.0  # what earlier deliveries were in may explain a short text so much less well


@dataclass
class Evidence:
    """What is kept of a text while it streams by: its head, and its distinct words beyond ASCII."""

    head: bytes = b""
    words: dict[bytes, None] = field(default_factory=dict)
    is_utf8: bool = True
    line: int = 1
    bad_line: int = 0  # the first that is not UTF-8
    has_escapes: bool = False

    @classmethod
    def of(cls, chunks: Iterable[bytes]) -> "Evidence":
        """Read the whole text once."""
        evidence = cls()
        for chunk in evidence._checked(chunks):
            evidence._see(chunk)
        return evidence

    def _checked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same text in pieces that end with a line, and whether it is UTF-8 from its first byte to its last."""
        rest = b""
        for chunk in chunks:
            whole, cut, tail = (rest + chunk).rpartition(b"\n")
            rest = tail
            if cut:
                yield whole + cut
            elif len(rest) > 1 << 24:
                yield rest
                rest = b""
        yield rest

    def _see(self, text: bytes) -> None:
        if len(self.head) < HEAD_BYTES:
            self.head += text[: HEAD_BYTES - len(self.head)]
        self.has_escapes = self.has_escapes or b"\x1b$" in text
        self._check(text)
        if text.isascii():
            return
        if len(self.words) < MOST_WORDS:
            self.words |= dict.fromkeys(word[:LONGEST_WORD] for word in TOKEN.findall(text) if not word.isascii())

    def _check(self, text: bytes) -> None:
        """Whether it is UTF-8 so far."""
        if self.is_utf8 and not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError as error:
                self.is_utf8, self.bad_line = False, self.line + text.count(b"\n", 0, error.start)
        self.line += text.count(b"\n")

    @property
    def is_broken_utf8(self) -> bool:
        """Whether many words are UTF-8 although the whole is not: damaged, or put together from two encodings."""
        if self.is_utf8 or not self.words:
            return False
        return sum(_is_utf8(word) for word in self.words) > 0.3 * len(self.words)

    @property
    def is_ascii(self) -> bool:
        """Whether the text has no byte beyond ASCII: every encoding gives the same letters."""
        return not self.words and not self.has_escapes


@dataclass(frozen=True)
class Detected:
    """The encoding, or the two or more between which nothing decides; `why` in words for people."""

    encoding: str | None
    rivals: tuple[str, ...] = ()
    why: str = ""


def detect(
    evidence: Evidence,
    names: Collection[str] = (),
    usual: str | None = None,
    candidates: Sequence[str] = CANDIDATES,
) -> Detected:
    """Tell a text's encoding.

    Args:
        names: the column names that the text's header should show.
        usual: the encoding of the export's earlier deliveries.
        candidates: encodings that are tried beside UTF-8.
    """
    if (mark := encodings.marked(evidence.head)) is not None:
        return Detected(mark, why="byte order mark")
    if evidence.has_escapes:
        return Detected(None, ("iso2022_jp", "utf-8"), "escape sequences of ISO-2022-JP")
    if evidence.is_ascii:
        return Detected("utf-8", why="ASCII")
    if evidence.is_broken_utf8:
        return Detected(None, (), BROKEN_UTF8)
    texts = _decoded(evidence, candidates)
    if not texts:
        return Detected(None, (), "no known encoding fits")
    if (shown := _showing(evidence, texts, names)) is not None:
        return shown
    return _most_likely(evidence, texts, usual)


def _decoded(evidence: Evidence, candidates: Sequence[str]) -> dict[str, list[str]]:
    """Encoding -> the words, for each encoding that has all of them."""
    tried = (["utf-8"] if evidence.is_utf8 else []) + [encodings.canonical(name) for name in candidates]
    texts: dict[str, list[str]] = {}
    for encoding in dict.fromkeys(tried):
        try:
            texts[encoding] = [_plain(word, encoding) for word in evidence.words]
        except UnicodeDecodeError:
            continue
    return texts


def _is_utf8(word: bytes) -> bool:
    try:
        return not _plain(word, "utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _plain(word: bytes, encoding: str) -> str:
    """The word's letters; control characters of the upper half are in no text."""
    is_whole = len(word) < LONGEST_WORD
    text = codecs.getincrementaldecoder(encoding)("strict").decode(word, final=is_whole)
    if any("\x80" <= character <= "\x9f" or "\ue000" <= character <= "\uf8ff" for character in text):
        raise UnicodeDecodeError(encoding, word, 0, 1, "a control or private character")
    return text


def _showing(evidence: Evidence, texts: dict[str, list[str]], names: Collection[str]) -> Detected | None:
    """The encoding under which the head shows the export's own column names beyond ASCII."""
    wanted = [name for name in names if not name.isascii()]
    if not wanted:
        return None
    shown = {encoding: sum(_has(evidence.head, name, encoding) for name in wanted) for encoding in texts}
    best = max(shown.values())
    fitting = [encoding for encoding in texts if shown[encoding] == best]
    if not best:
        return None
    if len({tuple(texts[encoding]) for encoding in fitting}) == 1:
        return Detected(fitting[0], why="the column names in the header")
    return _most_likely(evidence, {encoding: texts[encoding] for encoding in fitting}, None)


def _has(head: bytes, name: str, encoding: str) -> bool:
    try:
        return name.encode(encoding) in head
    except UnicodeEncodeError:
        return False


def _most_likely(evidence: Evidence, texts: dict[str, list[str]], usual: str | None) -> Detected:
    if len(_beyond_ascii(texts.get("utf-8", []))) >= SURE_CHARACTERS:
        return Detected("utf-8", why="it keeps the rules of UTF-8")
    step = max(1, len(evidence.words) // SCORED_WORDS)
    scores = {encoding: scripts.explained(words[::step], encoding) for encoding, words in texts.items()}
    ranked = sorted(scores, key=lambda encoding: -scores[encoding])
    best = ranked[0]
    rivals = [other for other in ranked[1:] if texts[other] != texts[best]]
    lead = scores[best] - scores[rivals[0]] if rivals else MARGIN
    if usual in texts and scores[usual] - scores[best] >= USUAL_MARGIN:
        return Detected(usual, why="the encoding of earlier deliveries")
    if scripts.fitting(texts[best], best) < FITTING:
        return Detected(None, (), "its letters are rare ones in every known encoding")
    if lead >= MARGIN:
        return Detected(best, why="its letters")
    close = [other for other in rivals if scores[best] - scores[other] < MARGIN]
    if best == "utf-8" and _is_plainly_utf8(texts, close):
        return Detected(best, why="it keeps the rules of UTF-8")
    may_ask = best != "utf-8" or len(evidence.words) > FEW_WORDS  # one letter of another encoding may look like UTF-8
    if may_ask and lead >= MARGIN / 3 and texts.get(_second_opinion(evidence, list(texts))) == texts[best]:
        return Detected(best, why="its letters, and charset-normalizer")
    return Detected(None, (best, *close[:2]), "its few letters beyond ASCII fit both")


def _beyond_ascii(words: Iterable[str]) -> set[str]:
    return {character for word in words for character in word if not character.isascii()}


def _is_plainly_utf8(texts: dict[str, list[str]], rivals: Sequence[str]) -> bool:
    """Whether text in UTF-8 is in no doubt: only one or two characters may be another encoding's by chance."""
    characters = _beyond_ascii(texts["utf-8"])
    if len(characters) > CHANCE_CHARACTERS:
        return True
    is_sign = all(map(_is_sign, characters))  # a lone pound sign is no two Cyrillic capitals
    return not any(scripts.is_likely(texts[rival], rival) for rival in rivals if not is_sign or rival in scripts.WIDE)


def _is_sign(character: str) -> bool:
    return character in scripts.USUAL_SIGNS or "\U0001f000" <= character <= "\U0001faff"  # the latter: emoji


def _second_opinion(evidence: Evidence, candidates: list[str]) -> str:
    text = b"\n".join(list(evidence.words)[:5000])
    match = charset_normalizer.from_bytes(text, cp_isolation=candidates, threshold=0.4, enable_fallback=False).best()
    return encodings.canonical(match.encoding) if match is not None else ""
