"""Numbers in the digits of other scripts, and the signs that stand among them, as digits that programs count with."""

import unicodedata

SIGNS = {
    "٫": ".",
    "٬": ",",
    "،": ",",
    "．": ".",
    "，": ",",
    "－": "-",
    "＋": "+",
    "／": "/",
    "：": ":",
    "（": "(",
    "）": ")",
}
DIGITS = {
    chr(code): str(unicodedata.decimal(chr(code)))
    for code in range(0x80, 0x10000)
    if unicodedata.category(chr(code)) == "Nd"
}
PLAIN = str.maketrans(DIGITS | SIGNS)
OTHERS, SAME = "".join([*DIGITS, *SIGNS]), "".join([*DIGITS.values(), *SIGNS.values()])  # as TRANSLATE takes them


def has_other(text: str) -> bool:
    """Whether a text has a digit that is none of 0 to 9."""
    return not text.isascii() and any(character in DIGITS for character in text)
