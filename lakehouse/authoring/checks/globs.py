"""Whether two file patterns can match one name."""

import re
from functools import cache


def common_name(one: str, two: str) -> str | None:
    """A shortest name that both patterns match, or None. `[abc]` counts as any one character.

    Source: the product of two pattern automata, walked breadth first.
    """
    return _common(tuple(_tokens(one)), tuple(_tokens(two)))


def _tokens(pattern: str) -> list[str]:
    parts = re.findall(r"\[!?\]?[^\]]*\]|.", pattern)
    return ["?" if part.startswith("[") and len(part) > 1 else part for part in parts]


@cache
def _common(one: tuple[str, ...], two: tuple[str, ...]) -> str | None:
    if not one and not two:
        return ""
    shared = []
    if one and one[0] == "*":
        shared.append(_common(one[1:], two))
        if two and two[0] != "*":
            shared.append(_after(two[0], _common(one, two[1:])))
    elif two and two[0] == "*":
        return _common(two, one)
    elif one and two and (one[0] == two[0] or "?" in (one[0], two[0])):
        shared.append(_after(two[0] if one[0] == "?" else one[0], _common(one[1:], two[1:])))
    return min((name for name in shared if name is not None), key=len, default=None)


def _after(letter: str, rest: str | None) -> str | None:
    return None if rest is None else ("x" if letter == "?" else letter) + rest
