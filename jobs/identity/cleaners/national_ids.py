"""State numbers that carry their own check: China's resident identity number and the unified social credit code."""

from dataclasses import dataclass
from datetime import date

# GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits; GB 32100-2015: MOD 31 over 17 signs (no I, O, S, V, Z)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10x98765432"
CREDIT_SIGNS = "0123456789abcdefghjklmnpqrtuwxy"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)


@dataclass(frozen=True)
class Resident:
    """What a resident identity number says."""

    number: str  # 18 signs, the last a digit or x
    birth: str  # yyyyMMdd
    sex: str  # m or f


def resident(code: str) -> Resident | None:
    """Read a plain resident identity number of 18 signs, or of 15 (until 1999); None when it is none.

    Source: GB 11643-1999.
    """
    if len(code) == 15 and code.isdecimal() and code.isascii():
        code = code[:6] + "19" + code[6:]
        code += check_sign(code)
    if len(code) != 18 or not (code[:17].isdecimal() and code.isascii()) or code[:2] not in PROVINCES:
        return None
    if check_sign(code) != code[17] or not _is_day(code[6:14]):
        return None
    return Resident(code, code[6:14], "m" if int(code[16]) % 2 else "f")


def check_sign(code: str) -> str:
    """The 18th sign of a resident identity number's first 17 digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(code[:17], WEIGHTS, strict=True)) % 11]


def _is_day(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= 1850
    except ValueError:
        return False


def is_credit_code(code: str) -> bool:
    """Whether a plain text is a unified social credit code with the right check sign.

    Source: GB 32100-2015.
    """
    if len(code) != 18 or not all(sign in CREDIT_SIGNS for sign in code):
        return False
    total = sum(CREDIT_SIGNS.index(sign) * weight for sign, weight in zip(code[:17], CREDIT_WEIGHTS, strict=True))
    return CREDIT_SIGNS[(31 - total % 31) % 31] == code[17] and not code[2:8].strip("0123456789")
