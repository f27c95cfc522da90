"""Lists as shops write them, made at random in many languages and encodings: tills, names, addresses, short files."""

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("made_words.yaml")


def _words(kind: str, text: str) -> list[str]:
    pieces = text.split("|") if kind in ("header", "places") else text.split()
    return [piece.strip() for piece in pieces if piece.strip()]


WORDS = {
    language: {kind: _words(kind, text) for kind, text in kinds.items()}
    for language, kinds in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()
}
ENCODINGS = {
    "zh": ["gb18030", "gbk"], "zh-tw": ["big5"], "ja": ["shift_jis"], "ko": ["euc_kr"], "de": ["cp1252", "cp1250"],
    "fr": ["cp1252"], "es": ["cp1252"], "pl": ["cp1250"], "cs": ["cp1250"], "hu": ["cp1250"], "ru": ["cp1251"],
    "ar": ["cp1256"], "he": ["cp1255"], "el": ["cp1253"], "th": ["cp874"], "vi": ["cp1258"],
}  # fmt: skip
KINDS = ("till", "names", "addresses", "few_rows", "ascii_header", "one_value", "header_alone")


@dataclass(frozen=True)
class Made:
    """A text and the encoding that it is written in."""

    language: str
    kind: str
    encoding: str
    text: str
    names: tuple[str, ...]


def made(seed: int, per_kind: int) -> Iterator[Made]:
    """Texts of every language, kind and encoding, UTF-8 among them."""
    rng = random.Random(seed)
    for language, words in WORDS.items():
        for kind in KINDS:
            for encoding in [*ENCODINGS[language], "utf-8"]:
                for _ in range(per_kind):
                    text, names = _text(words, kind, rng)
                    text = _with_tones_apart(text) if encoding == "cp1258" else text
                    yield Made(language, kind, encoding, text, names)


def _with_tones_apart(text: str) -> str:
    """Vietnamese as cp1258 has it: a letter with its hat or horn, and behind it the tone."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    split = [unicodedata.normalize("NFD", character) for character in text]
    return "".join(
        unicodedata.normalize("NFC", "".join(c for c in letter if c not in tones))
        + "".join(c for c in letter if c in tones)
        for letter in split
    )


def _text(words: dict[str, list[str]], kind: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    own = tuple(words["header"])
    plain = ("order_no", "date", "customer", "item", "amount", "paid_by", "shop")
    if kind == "header_alone":
        return _rows(own, lambda i: [str(i), "2024-03-01", f"C{i}", f"SKU{i}", "9.99", "cash", "1"], 20), own
    if kind == "one_value":
        value = rng.choice(words[rng.choice(["goods", "first", "last", "places"])])
        return _rows(
            plain, lambda i: [str(i), "2024-03-01", "C1", value if i == 7 else "x", "9.99", "cash", "1"], 20
        ), plain
    header = plain if kind == "ascii_header" else own
    count = rng.randint(1, 3) if kind == "few_rows" else rng.randint(20, 120)
    which = {"till": "goods", "names": "last", "addresses": "places"}.get(kind, rng.choice(["goods", "last", "places"]))

    def row(i: int) -> list[str]:
        value = rng.choice(words[which]) + (rng.choice(words["first"]) if which == "last" else "")
        return [str(i), "2024-03-01", f"C{rng.randint(1, 40)}", value, f"{rng.randint(100, 9999) / 100}", "cash", "1"]

    return _rows(header, row, count), header


def _rows(header: tuple[str, ...], row: Callable[[int], list[str]], count: int) -> str:
    return "\n".join([",".join(header), *(",".join(row(i)) for i in range(count))]) + "\n"
