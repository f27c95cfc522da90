"""How likely a text is under each encoding that it may be in: small models of characters, one per writing.

A model gives log probabilities of characters; the sum over a file's words says how well it explains the bytes. Under a
wrong encoding the same bytes become rare characters, accents that no one language has, or symbols inside words.
"""

import functools
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable

from lakehouse.files import characters
from lakehouse.files.familiar_words import FAMILIAR

UTF8_HOLDS = 3.0
RARER = {
    "cp866": -6.0,
    "koi8-r": -4.0,
    "iso8859-2": -4.0,
    "cp1257": -3.0,
    "cp1253": -3.0,
    "cp1254": -2.0,
    "euc_jp": -2.0,
    "cp1258": -4.0,
    "cp1255": -2.0,
    "cp1256": -2.0,
    "cp874": -2.0,
    "iso8859-5": -30.0,  # hardly written any more, and a few Chinese characters often look like it
    "mac-cyrillic": -10.0,
    "iso8859-7": -4.0,
    "cp737": -6.0,
    "cp862": -6.0,
    "iso8859-6": -4.0,
    "cp720": -6.0,
}
IMPOSSIBLE = -14.0  # log probability of what no writing has: a symbol inside a word, two alphabets in one word
LIKELY = 0.75  # share of characters beyond ASCII that a right encoding's writing has
PUNCTUATION = set("、。，．：；！？「」『』（）〔〕【】《》〈〉・ー〜～－—…￥％＋－＝＊＆＠＃“”‘’　·—")
# letters beside a to z, the commoner ones first; each text is of a language or a group that shares them
CYRILLIC = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "оанивертсклдмупзягьбйчіхцжїюшщфєґ",
    "аиоентсрјувкмдлпзгбчшцжхњћљфђџ",
    "аоеинтрсвлкдпмзгубячъцжщшйхюфь",
)
GREEK = ("αοιετσνηυρπκμλςίόάγδέθωήφχύβώξζψϊϋ",)
HEBREW = ("יהולאתרמבשנםקדחעטפגכןצזסךףץ",)
ARABIC = ("البريتمنودةعسحقكجفهطصشزخىإأذغضثءئظآؤ", "اینردهمتبوسلشکزكيگفقپخجحآعصطچضغژظذثئء")
ALPHABETS = {
    "cp1252": ("üäöß", "éèàêçâîôûùïëœ", "óíáéñúü", "ãçáéíóõâêúàô", "àèìòùé", "åäö", "øåæé", "éëïóü", "íáðéóöþúýæ"),
    "cp1250": ("łąęóżśćńź", "íáéýěšřžčůúťďňó", "íáéýšžčúľťňôäďĺŕó", "éáöóőüíúű", "čšžćđ", "ăîşţâ"),
    "mac-roman": ("üäöß", "éèàêçâîôûùïëœ", "óíáéñúü", "åäö", "øåæé"),
    "cp850": ("üäöß", "éèàêçâîôûùïëœ", "óíáéñúü", "åäö", "øåæé"),
    "cp1254": ("ışğüçöiâ",),
    "cp1257": ("šėžųčįūęą", "āīēšņūļčžķģ", "äõüöšž"),
    "iso8859-2": ("łąęóżśćńź", "íáéýěšřžčůúťďňó", "íáéýšžčúľťňôäďĺŕó", "éáöóőüíúű", "čšžćđ", "ăîşţâ"),
    "cp1251": CYRILLIC,
    "koi8-r": CYRILLIC[:1],
    "cp866": CYRILLIC[:1],
    "iso8859-5": CYRILLIC,
    "mac-cyrillic": CYRILLIC,
    "cp1253": GREEK,
    "iso8859-7": GREEK,
    "cp737": GREEK,
    "cp1255": HEBREW,
    "cp862": HEBREW,
    "cp1256": ARABIC,
    "iso8859-6": ARABIC[:1],
    "cp720": ARABIC[:1],
    "cp874": ("านรอกเงมยลวดทสตะปบคแหจพชขใไโผซถศณธฟภ่้ัี์ิุ็ืู๊๋ึำๆญฐฎษฉฝฬฮฑฏฒฆฌฤฯ",),
    "cp1258": ("đưăâêôơáàíóúéèù\u0301\u0300\u0323\u0309\u0303₫",),
}
OTHER_ALPHABETS = tuple(  # no Latin letter in their words
    encoding for encoding, texts in ALPHABETS.items() if texts[0][0] > "\u0370"
)
# what stands beside a number or a word, not inside it
SIGNS = set("€£¥§©®°·–—‘’‚“”„…™«»¿¡ºª²³½¼¾№¤¢•\xa0")
USUAL_SIGNS = set("€£¥§°²®½–’\xa0")
WIDE = ("gb18030", "cp950", "cp932", "euc_jp", "cp949")


def explained(words: Iterable[str], encoding: str) -> float:
    """Sum of log probabilities of distinct words that have a letter beyond ASCII, under an encoding's best writing."""
    texts = list(words)
    familiar = sum(9.0 for text in {text.casefold() for text in texts} if is_familiar(text))
    if encoding == "utf-8":
        rules = UTF8_HOLDS * len(texts)  # other text hardly ever keeps UTF-8's rules
        return familiar + rules + max(_explained(texts, other) for other in (*WIDE, *ALPHABETS))
    return familiar + _explained(texts, encoding) + RARER.get(encoding, 0.0)


def _explained(texts: list[str], encoding: str) -> float:
    if encoding in ALPHABETS:
        return max(_latin(texts, letters, encoding) for letters in ALPHABETS[encoding])
    chances = CHANCES[encoding]()
    lone = sum(len(text.strip("0123456789.,")) == 1 and text.strip("0123456789.,") in HALF_KATAKANA for text in texts)
    odd = IMPOSSIBLE * 0.65 * lone + sum(map(_sandwiched, texts))
    return sum(_wide(character, chances) for text in texts for character in text) + odd


def fitting(words: Iterable[str], encoding: str) -> float:
    """How much of a text is what the encoding's best writing has: low in every encoding but the right one.

    The smaller of two shares: of characters beyond ASCII, and of words without anything that no writing does.
    """
    words = list(words)
    if encoding == "utf-8":
        return 1.0
    if encoding in ALPHABETS:
        sound = sum(_form(word, encoding in OTHER_ALPHABETS) > IMPOSSIBLE for word in words)
    else:
        sound = sum(_sandwiched(word) > IMPOSSIBLE for word in words)
    return min(sound / max(1, len(words)), _known(words, encoding))


def is_likely(words: Iterable[str], encoding: str) -> bool:
    """Whether words may have been written so: no sign sticks to a letter, as the second byte of UTF-8 often does."""
    words = list(words)
    has_glued = any(a.isalpha() and b in SIGNS for word in words for a, b in itertools.pairwise(word))
    return not has_glued and fitting(words, encoding) >= LIKELY


def _sandwiched(word: str) -> float:
    """What Asian text never does: a character between two small Latin letters."""
    triples = zip(word, word[1:], word[2:], strict=False)
    return IMPOSSIBLE * sum(_is_small(a) and not c.isascii() and _is_small(b) for a, c, b in triples)


def _is_small(character: str) -> bool:
    return "a" <= character <= "z"


def _known(words: list[str], encoding: str) -> float:
    text = "".join(words).lower()
    beyond = [character for character in text if not character.isascii()]
    if encoding in ALPHABETS:
        return max(_share(beyond, set(letters) | SIGNS) for letters in ALPHABETS[encoding])
    chances = CHANCES[encoding]()
    return sum(chances(character) > -14.0 for character in beyond) / max(1, len(beyond))


def _share(characters_: list[str], known: set[str]) -> float:
    return sum(character in known for character in characters_) / max(1, len(characters_))


def _is_unspaced(character: str) -> bool:
    """Thai, Chinese, Japanese and Korean text, where a word's end is not to be seen."""
    return "\u0e00" <= character <= "\u0eff" or character >= "\u2e80"


@functools.lru_cache(maxsize=65_536)
def is_familiar(text: str) -> bool:
    """Whether a word, or a part of one that is written without spaces, is one that headers and lists use."""
    folded = unicodedata.normalize("NFC", text.casefold())
    if not folded or folded.isascii():
        return False
    if not any(map(_is_unspaced, folded)):
        return folded in FAMILIAR
    return any(folded[i : i + n] in FAMILIAR for n in (2, 3, 4) for i in range(len(folded) - n + 1))


def _latin(words: list[str], letters: str, encoding: str) -> float:
    is_other = encoding in OTHER_ALPHABETS
    weights = {letter: 1.0 / (rank + (4 if is_other else 2)) for rank, letter in enumerate(letters)}
    mass = (0.95 if is_other else 0.12) / sum(weights.values())
    own = {letter: math.log(mass * weight) for letter, weight in weights.items()}
    rare = 0.0004 if is_other else 0.00002
    return sum(_form(word, is_other) + sum(_letter(c, own, rare) for c in word.lower()) for word in words)


def _letter(character: str, own: dict[str, float], rare: float) -> float:
    if character in own:
        return own[character]
    if character.isascii():
        return math.log(0.88 / 26)
    if character in USUAL_SIGNS:
        return math.log(0.02)
    if character in SIGNS:
        return math.log(0.001)
    return math.log(rare if character.isalpha() else 1e-7)


JOINED = re.compile(r"(?<=[а-яά-ώ]{2})[А-ЯΆ-Ω](?=[а-яά-ώ]{2})")  # two words without a space: ИвановИван


def _form(word: str, is_other: bool) -> float:
    """What no writing does: signs between letters, capitals inside, alphabets mixed, a row of accents."""
    letters = [character for character in word if character.isalpha() and character not in "ªº"]
    cost = 0.0
    inner = [c for a, c, b in zip(word, word[1:], word[2:], strict=False) if not (a.isdigit() and b.isdigit())]
    cost += IMPOSSIBLE * sum(not c.isalnum() and not c.isascii() and c not in "’·–" and not _is_mark(c) for c in inner)
    cost += IMPOSSIBLE * sum(
        _is_mark(b) and not (a.isalpha() or _is_mark(a)) for a, b in itertools.pairwise(" " + word)
    )
    cost += IMPOSSIBLE * sum(c in "ªº²³¹¿¡" for c in inner)
    cost += IMPOSSIBLE / 2 * sum(_is_beside_digit(a, b) or _is_beside_digit(b, a) for a, b in itertools.pairwise(word))
    cost += IMPOSSIBLE * 0.65 * (len(word) == 1 and word.isalpha())
    lower_then_upper = sum(a.islower() and b.isupper() and not b.isascii() for a, b in itertools.pairwise(word))
    joined = len(JOINED.findall(word)) if is_other else 0
    cost += IMPOSSIBLE * (lower_then_upper - joined)
    if is_other:
        cost += IMPOSSIBLE * (len(word) > 1 and word[0] == "’")  # in ISO 8859-7 what is a capital alpha in cp1253
        mixed = {c.isascii() for c in letters}
        cost += IMPOSSIBLE * (len(mixed) > 1)
    else:
        run = longest = 0
        for c in word:
            run = 0 if c.isascii() else run + (not _is_mark(c))
            longest = max(longest, run)
        cost += IMPOSSIBLE * max(0, longest - 2)
    return cost


def _is_mark(character: str) -> bool:
    """A vowel or tone above or below its letter, in Thai, Hebrew, Arabic and Vietnamese."""
    return character > "\u02ff" and unicodedata.category(character) == "Mn"


def _is_beside_digit(character: str, other: str) -> bool:
    return (
        other.isdigit()
        and other.isascii()
        and character.isalpha()
        and not character.isascii()
        and character not in "ªº"
    )


Chances = Callable[[str], float]


def _wide(character: str, chances: Chances) -> float:
    if character.isascii():
        return math.log(0.15 / 62)
    return chances(character)


def _chances(shares: list[tuple[float, set[str]]], others: Callable[[str], float]) -> Chances:
    """Log probabilities: each set of characters shares its mass alike; `others` for what is in none."""
    table = {c: math.log(share / len(members)) for share, members in reversed(shares) for c in members}

    def of(character: str) -> float:
        return table[character] if character in table else math.log(others(character))

    return of


HIRAGANA = {chr(c) for c in range(0x3041, 0x3094)}
KATAKANA = {chr(c) for c in range(0x30A1, 0x30F7)} | {"ー"}
HALF_KATAKANA = {chr(c) for c in range(0xFF66, 0xFFA0)}


def _level(encoding: str, first: int, last: int, second: int = 0x40) -> set[str]:
    """The characters whose lead byte lies in a range: an encoding's commoner plane."""
    pairs = (bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(second, 0xFF))
    return {text for pair in pairs if len(text := pair.decode(encoding, "ignore")) == 1}


@functools.cache
def _simplified() -> Chances:
    common, plain = set(characters.SIMPLIFIED), _level("gb2312", 0xB0, 0xD7, 0xA1)
    rare = _level("gb2312", 0xD8, 0xF7, 0xA1)
    traditional = set(characters.TRADITIONAL) - plain - rare
    wide = {chr(c) for c in range(0xFF01, 0xFF5F)}
    shares = [(0.88, common), (0.06, plain), (0.015, rare), (0.004, traditional), (0.03, PUNCTUATION), (0.008, wide)]
    return _chances(shares, lambda c: 2e-9 if "\u4e00" <= c <= "\u9fff" else 2e-8 if c in SIGNS else 4e-10)


@functools.cache
def _traditional() -> Chances:
    common, plain, rare = set(characters.TRADITIONAL), _level("cp950", 0xA4, 0xC6), _level("cp950", 0xC9, 0xF9)
    wide = {chr(c) for c in range(0xFF01, 0xFF5F)}
    shares = [(0.88, common), (0.06, plain), (0.01, rare), (0.03, PUNCTUATION), (0.008, wide)]
    return _chances(shares, lambda _: 1e-8)


@functools.cache
def _japanese() -> Chances:
    common, plain, rare = set(characters.KANJI), _level("cp932", 0x88, 0x97), _level("cp932", 0x99, 0x9F)
    wide = {chr(c) for c in range(0xFF01, 0xFF5F)}
    shares = [(0.45, common), (0.13, HIRAGANA), (0.25, KATAKANA), (0.03, HALF_KATAKANA), (0.06, plain), (0.005, rare)]
    return _chances([*shares, (0.03, PUNCTUATION), (0.02, wide)], lambda _: 1e-8)


@functools.cache
def _korean() -> Chances:
    plain = _level("euc_kr", 0xB0, 0xC8, 0xA1)
    common = set(characters.HANGUL) & plain
    shares = [(0.85, common), (0.11, plain), (0.01, PUNCTUATION)]
    return _chances(
        shares, lambda c: 4e-7 if "\u4e00" <= c <= "\u9fff" else 2e-6 if "\uac00" <= c <= "\ud7a3" else 1e-8
    )


CHANCES: dict[str, Callable[[], Chances]] = {
    "gb18030": _simplified,
    "cp950": _traditional,
    "cp932": _japanese,
    "euc_jp": _japanese,
    "cp949": _korean,
}
