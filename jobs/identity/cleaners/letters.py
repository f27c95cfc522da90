"""Letters in one form: lower case, half width, no accents, simplified characters, whatever code points they came as."""

import re
import unicodedata
from functools import cache
from typing import Any

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
# Latin accents, variation selectors, zero-width and direction marks say nothing about who somebody is
SILENT = dict.fromkeys(
    [
        *range(0x300, 0x370),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        0x2060,
        0xFEFF,
        0xAD,
    ]
)
# letters that Unicode does not take apart, as their languages write them without the sign
APART = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ı": "i",
        "ĸ": "k",
        "ʼ": "'",
        "’": "'",
        "‘": "'",
    }
)
# GB 18030 of 2000 and 2005, which decoders still follow, puts these into the private area; since 2022 they have code
# points of their own (GB 18030-2022)
PRIVATE = dict(
    zip(
        [
            *range(0xE78D, 0xE797),
            0xE7C7,
            0xE816,
            0xE817,
            0xE818,
            0xE81E,
            0xE826,
            0xE82B,
            0xE82C,
            0xE831,
            0xE832,
            0xE83B,
            0xE843,
            0xE854,
            0xE855,
            0xE864,
        ],
        [
            0xFE10,
            0xFE12,
            0xFE11,
            0xFE13,
            0xFE14,
            0xFE15,
            0xFE16,
            0xFE17,
            0xFE18,
            0xFE19,
            0x1E3F,
            0x20087,
            0x20089,
            0x200CC,
            0x9FB4,
            0x9FB5,
            0x9FB6,
            0x9FB7,
            0x215D7,
            0x9FB8,
            0x2298F,
            0x9FB9,
            0x9FBA,
            0x241FE,
            0x9FBB,
        ],
        strict=True,
    )
)


def plain(text: str) -> str:
    """Lower case, half width, no accents; other scripts keep their letters, Chinese ones in their simplified form."""
    if text.isascii():
        return text.lower()
    whole = unicodedata.normalize("NFKD", text.translate(PRIVATE)).translate(SILENT).casefold().translate(APART)
    whole = unicodedata.normalize("NFC", whole)  # Korean and Japanese signs that belong together
    whole = FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), whole)
    return simplified(whole) if HAN.search(whole) else whole


def letters(text: str) -> str:
    """The letters of a plain text."""
    if text.isalpha():
        return text
    if text.isascii():
        return "".join(filter(str.isalpha, text))
    return "".join(sign for sign in text if sign.isalpha() or _is_mark(sign))


def letters_and_digits(text: str) -> str:
    """The letters and digits of a plain text."""
    if text.isalnum():
        return text
    if text.isascii():
        return "".join(filter(str.isalnum, text))
    return "".join(sign for sign in text if sign.isalnum() or _is_mark(sign))


def _is_mark(sign: str) -> bool:
    # vowels of Indian and South-East Asian scripts are marks, not letters
    return unicodedata.category(sign) in ("Mn", "Mc")


def has_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return not text.isascii() and HAN.search(text) is not None


def one_sign_only(text: str, least: int) -> bool:
    """Whether a text is one sign, `least` times or more (0000, xxxx)."""
    return len(text) >= least and text.count(text[0]) == len(text)


def simplified(text: str) -> str:
    """Traditional Chinese characters in their simplified form."""
    converted: str = _converter().convert(text)
    return converted


@cache
def _converter() -> Any:
    import opencc  # only a company with Chinese customers loads its tables

    return opencc.OpenCC("t2s")
