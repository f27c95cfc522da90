"""Names of people: which part is which, and the forms that may be compared."""

import re

from jobs.identity.cleaners import chinese_names, letters
from jobs.identity.cleaners.cleaning_settings import Rules

ASIDE = re.compile(
    r"[(（\[【].*?[)）\]】]|[\"“”„].*?[\"“”]"
)  # (Bob), "Bob": what friends say, not what the register says
WORD = re.compile(r"[^\s,，;/]+")
NOT_HAN = re.compile("[^\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff·•・‧∙･]")
DOT = re.compile("(?<=[\u3400-\u9fff])[.](?=[\u3400-\u9fff])")  # 买买提.吐尔逊, as some keyboards write it
GENERATIONS = {"sr": "sr", "senior": "sr", "jr": "jr", "junior": "jr", "ii": "jr", "iii": "iii", "iv": "iv"}
ELDER_YOUNGER = re.compile(r"[(（\[【]\s*([老大父小少子])\s*[)）\]】]")  # 王建国(老) and 王建国(小)
Parts = tuple[str | None, str | None]


def split(full: str, rules: Rules) -> Parts:
    """Given and family name of a full name, as written; None for what it does not tell.

    "Family, Given", "Given Family", "FAMILY Given", 王小明, Wang Xiaoming; titles, suffixes and what stands in
    brackets are no part of it, particles (van der) belong to the family name. One word alone is a family name.
    """
    text = ASIDE.sub(" ", full)
    if letters.has_han(text):
        return chinese_names.split(characters(text, rules), rules)
    family, comma, rest = text.replace("，", ",").partition(",")
    words, after = _words(family, rules), _words(rest, rules)
    if comma and words and after:
        return after[0], " ".join(words)
    words += after
    if len(words) == 1:
        return chinese_names.split_pinyin(words[0], rules) or (None, words[0])
    return _ordered(words, rules) if words else (None, None)


def characters(text: str, rules: Rules) -> str:
    """The Chinese characters of a name, in plain form and without a title (王先生)."""
    name = NOT_HAN.sub("", DOT.sub("·", letters.plain(text)))
    titles = [t for t in rules.titles if letters.has_han(t) and name.endswith(t) and len(name) > len(t)]
    return name.removesuffix(max(titles, key=len, default=""))


def _words(text: str, rules: Rules) -> list[str]:
    """Words of a name without titles before and suffixes behind, as long as a word remains."""
    words = WORD.findall(text)
    while len(words) > 1 and _bare(words[0]) in rules.titles:
        words = words[1:]
    while len(words) > 1 and _bare(words[-1]) in rules.suffixes:
        words = words[:-1]
    return [] if len(words) == 1 and _bare(words[0]) in rules.titles | rules.suffixes else words


def generation(text: str) -> str | None:
    """Which of several people of one name in a family: sr, jr, iii, iv; None where the name does not tell.

    It stands behind a name (before it, Sr. is a señor), or in brackets behind Chinese characters.
    """
    aside = ELDER_YOUNGER.search(text)
    if aside:
        return "sr" if aside[1] in "老大父" else "jr"
    words = WORD.findall(text)
    return GENERATIONS.get(_bare(words[-1])) if len(words) > 1 else None


def _bare(word: str) -> str:
    return letters.letters(letters.plain(word))


def _ordered(words: list[str], rules: Rules) -> Parts:
    end = _family_end(words, rules)
    if end is not None:
        rest = words[1:] if end == 0 else words[:-1]
        # both syllables of a Chinese given name; the first name of others
        return ("".join(rest) if all(map(chinese_names.is_pinyin, map(_bare, rest))) else rest[0]), words[end]
    start = next((i for i, word in enumerate(words) if i and _bare(word) in rules.particles), len(words) - 1)
    return words[0], " ".join(words[start:])


def _family_end(words: list[str], rules: Rules) -> int | None:
    """0 or -1 where capitals or a Chinese surname tell it, None where the order is the usual one."""
    loud = [len(_bare(word)) > 1 and word.isupper() for word in words]
    if loud[0] != loud[-1] and sum(loud) == 1:
        return 0 if loud[0] else -1
    return chinese_names.surname_end([_bare(word) for word in words], rules)


def part(text: str, rules: Rules) -> str:
    """One name field without titles and suffixes, plain, with its spaces."""
    if text.isalpha() and text.isascii():
        return text.lower()
    if letters.has_han(text):
        return characters(text, rules)
    return letters.plain(" ".join(_words(ASIDE.sub(" ", text), rules)))


def given_key(text: str, rules: Rules) -> str:
    """What a given name is the same as: a nickname's full name, characters in pinyin.

    Pinyin may read like a nickname (丽娜, Lina): the characters follow it, or they would part from their own pinyin.
    """
    whole = letters.letters(text)
    if letters.has_han(text):
        whole = chinese_names.pinyin(whole, rules, is_surname=False)
    return rules.nickname_roots.get(whole, whole)


def family_key(text: str, rules: Rules) -> str:
    """What a family name is the same as: without particles before it, characters and other spellings in pinyin."""
    if letters.has_han(text):
        return chinese_names.pinyin(letters.letters(text), rules, is_surname=True)
    words = re.split(r"[\s\-]+", text)
    while len(words) > 1 and letters.letters(words[0]) in rules.particles:
        words = words[1:]
    bare = letters.letters("".join(words))
    return rules.how.chinese_names.romanised.get(bare, bare)
