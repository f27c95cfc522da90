"""Chinese names: surname and given name apart, in characters and in pinyin, so that 王小明 and Wang Xiaoming meet."""

import re
from functools import cache

from jobs.identity.cleaners import letters
from jobs.identity.cleaners.cleaning_settings import Rules

DOTS = re.compile("[·•・‧∙･]")  # between the parts of names from other languages, given name first: 买买提·阿凡提
FAMILIAR = "老小阿"  # before a surname, in place of the given name
USUAL_SURNAMES, LEAST_LETTERS = 100, 6  # for a name in pinyin of one word: shorter ones are words of any language
# initial -> finals that it goes with; the table of the Scheme for the Chinese Phonetic Alphabet (1958), ü as u or v
FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng iao o ou u",
    "d": "a ai an ang ao e ei en eng i ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve ue yu",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve ue yu",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}


def split(name: str, rules: Rules) -> tuple[str | None, str | None]:
    """Given name and surname of a plain name in characters; the surname is the first one or two.

    A name of one character is a surname; 买买提·阿凡提 has its given name first.
    """
    if DOTS.search(name):
        parts = [part for part in DOTS.split(name) if part]
        return (parts[0], parts[-1]) if len(parts) > 1 else (None, parts[0] if parts else None)
    if len(name) == 2 and name[0] in FAMILIAR and name[1] in rules.how.chinese_names.one_character:
        return None, name[1]  # 老王
    length = 2 if name[:2] in rules.two_character_surnames else 1
    return name[length:] or None, name[:length] or None


def is_whole(name: str, rules: Rules) -> bool:
    """Whether a plain text in one name field is a whole name: it begins with a surname and goes on."""
    surname = name[:2] if name[:2] in rules.two_character_surnames else name[:1]
    known = len(surname) == 2 or surname in rules.how.chinese_names.one_character
    return known and len(surname) < len(name) <= 4 and all(map(letters.has_han, name))


def pinyin(text: str, rules: Rules, is_surname: bool) -> str:
    """Letters without tones; ü is u, as most exports write it. What is no Chinese character stays."""
    readings = rules.how.chinese_names.readings
    if is_surname and text in readings:
        return readings[text]
    first = readings.get(text[0]) if is_surname and len(text) == 1 else None
    return first or "".join(map(_reading, text))


@cache
def _reading(sign: str) -> str:
    if not letters.has_han(sign):
        return sign
    from pypinyin import lazy_pinyin  # half a second of tables that only Chinese names need

    return letters.letters(letters.plain(lazy_pinyin(sign)[0])).replace("v", "u")


def is_pinyin(word: str) -> bool:
    """Whether a plain word is one or more syllables of pinyin."""
    return _syllables().fullmatch(word) is not None


@cache
def _syllables() -> re.Pattern[str]:
    every = [initial + final for initial, finals in FINALS.items() for final in finals.split()]
    return re.compile(f"(?:(?:{'|'.join(sorted(every, key=len, reverse=True))})'?)+")


def split_pinyin(word: str, rules: Rules) -> tuple[str, str] | None:
    """Given name and surname of a Chinese name in pinyin that is written as one word; None where it is none.

    Of several ways to part it (huangyiming) the more frequent surname is meant.
    """
    plain = letters.plain(word)
    if len(plain) < LEAST_LETTERS or not plain.isascii() or not plain.isalpha():
        return None
    ways = [
        (rank, surname)
        for surname, rank in rules.surname_ranks.items()
        if rank < USUAL_SURNAMES and plain.startswith(surname) and _given().fullmatch(plain[len(surname) :])
    ]
    if not ways:
        return None
    _, surname = min(ways)
    return plain[len(surname) :], surname


@cache
def _given() -> re.Pattern[str]:
    return re.compile(f"{_syllables().pattern.removesuffix('+')}{{1,2}}")


def surname_end(words: list[str], rules: Rules) -> int | None:
    """Which word of a name in pinyin is the surname: 0, -1, or None when it is no Chinese name.

    Where both ends can be one (Xiao Ming Wang), it is the more frequent surname; the last where both are level.
    """
    if not 2 <= len(words) <= 4 or not all(map(is_pinyin, words)):
        return None
    ranks = rules.surname_ranks
    first, last = ranks.get(words[0]), ranks.get(words[-1])
    if first is None and last is None:
        return None
    return 0 if last is None or (first is not None and first < last) else -1
