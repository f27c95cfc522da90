"""How a column writes days and instants: Spark's patterns, several of them where two hands wrote it."""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lakehouse.authoring.proposal.zone_names import with_offset, zones_behind
from lakehouse.sql import spark_dates
from lakehouse.sql.macros import WORDS, months

ENOUGH = 0.98
DAYS = (
    "yyyy-MM-dd",
    "yyyy-M-d",
    "yyyy/M/d",
    "yyyy.M.d",
    "d/M/yyyy",
    "M/d/yyyy",
    "d.M.yyyy",
    "d-M-yyyy",
    "M-d-yyyy",
    "d/M/yy",
    "M/d/yy",
    "d.M.yy",
    "d-M-yy",
    "M-d-yy",
    "yy/M/d",
    "yyyyMMdd",
    "yyyy年M月d日",
    "yyyy年 M月 d日",
    "yyyy년 M월 d일",
    "yyyy. M. d.",
    "yyyy.M.d.",
    "d. M. yyyy",
)
WORDY = (  # months in words, made numbers by plain_date()
    "d-MM-yyyy",
    "d MM yyyy",
    "MM d, yyyy",
    "MM d yyyy",
    "d. MM yyyy",
    "d MM, yyyy",
    "d MM. yyyy",
    "d MM yyyy' р.'",
    "yyyy. MM. d.",
    "yyyy. MM d.",
    "d-MM-yy",
    "d MM yy",
    "d/MM/yyyy",
    "d/MM/yy",
    "yyyy-MM-d",
    "yyyy MM d",
    "d 'de' MM 'de' yyyy",
    "d 'de' MM yyyy",
    "MM/d/yyyy",
    "MM-d-yyyy",
    "MM-d-yy",
    "MM/d/yy",
    "MM d yy",
    "ddMMyyyy",
    "ddMMyy",
)
CLOCKS = (
    "",
    "H:mm",
    "H:mm:ss",
    "H:mm:ss.SSS",
    "H:mm:ss.SSSSSS",
    "h:mm a",
    "h:mm:ss a",
    "h:mma",
    "h:mm:ssa",
    "a h:mm",
    "a h:mm:ss",
    "ah:mm",
    "ah:mm:ss",
    "HHmm",
    "HHmmss",
    "H.mm",
    "H.mm.ss",
    "h.mm.ss a",
    "h.mm.ss.SSSSSS a",
    "H'h'mm",
    "H时m分s秒",
    "H时m分",
    "H時m分s秒",
    "H時m分",
    "H시 m분 s초",
)
AT = ("klo", "kl.", "kl", "om", "às", "as", "godz.", "o", "ob", "в", "о", "ora", "ore")  # words before an hour
JOINTS = (
    *(" ", ", ", "", "'T'", " 'at' ", " 'um' ", " 'à' ", " - ", "  ", " 'a las' ", " 'alle' ", ",", "; "),
    *(f" '{word}' " for word in AT),
)
ZONES = ("", "XXX", " XXX", "XX", " XX", "X", " X", " z", " 'uhr'", " 'hs.'", " 'hrs'", "'h'")
NUMERIC = re.compile(r"(?<=\d)T(?=\d)|Z$|UTC|GMT|[年月日년월일时時分秒시분초]")
SWAPPED = {"d": "M", "M": "d"}


@dataclass(frozen=True)
class Dates:
    """How instants are written.

    Args:
        patterns: Spark's, the most frequent first; '' is ISO 8601.
        language: of month names or halves of the day, for plain_date(); '' where the text is read as it is.
        has_time: whether some value has a time of day.
        has_offset: whether the patterns hold an offset or zone.
        is_doubtful: day first and month first both fit.
        offsets: abbreviation of a zone behind the time -> its offset, which is read in its place.
    """

    patterns: tuple[str, ...]
    language: str = ""
    has_time: bool = False
    has_offset: bool = False
    is_doubtful: bool = False
    is_two_digit: bool = False
    offsets: tuple[tuple[str, str], ...] = ()


def dates_of(texts: Sequence[str], filled: Sequence[str]) -> Dates | None:
    """Judge date texts; None where no set of patterns explains nearly all.

    Args:
        texts: different values.
        filled: values in the file's order, to tell day from month where both fit.
    """
    if offsets := zones_behind(texts):
        found = dates_of([with_offset(t, offsets) for t in texts], [with_offset(t, offsets) for t in filled])
        return replace(found, offsets=offsets) if found else None
    if not texts or not all(re.search(r"\d", text) and len(text) >= 6 for text in texts):
        return None
    if all(re.fullmatch(r"[-+]?\d+", text) and len(text) not in (8, 12, 14) for text in texts):
        return None
    language = language_of(texts)
    if language is None:
        return None
    plain = {text: plain_text(text, language) for text in dict.fromkeys([*texts, *filled])}
    is_wordy = bool(language) and any(any(word in text.lower() for word in months(language)) for text in texts)
    return _by_shape([plain[t] for t in texts], [plain[t] for t in filled], language, is_wordy)


def language_of(texts: Sequence[str]) -> str | None:
    """'' for plain numbers; the language whose words explain all; None where none does."""
    wordy = [text for text in texts if re.search(r"[^\W\d_]", NUMERIC.sub(" ", text))]
    spaced = any(re.search("[\u00a0\u202f\u2007\u2009\u3000]", text) for text in texts)
    if not wordy:
        return "en" if spaced else ""
    for language in WORDS["months"]:
        if all(not re.search(r"[^\W\d_]", _rest(plain_text(text, language))) for text in wordy):
            return str(language)
    return None


def _rest(text: str) -> str:
    """What is left of a date in plain numbers without joints, days of the week, zones."""
    known = r"\b(mon|tue|wed|thu|fri|sat|sun)\w*|\b(utc|gmt|uhr|hs|hrs|las|alle|time|cest?|[pmce][sd]t)\b"
    known += r"|(?<=\d)[ap]m\b|\b[ap]m(?=\d|\b)|(?<=\d)[tzh](?=\d|$)"
    known += r"|\b(at|um|de|del|à|klo|kl|om|às|as|godz|o|ob|в|о|р|ora|ore)\b"
    known += r"|年|月|日|년|월|일|时|時|分|秒|시|분|초"
    return re.sub(known, " ", text)


def plain_text(text: str, language: str) -> str:
    """What plain_date(text, language) gives; the text itself without a language."""
    if not language:
        return text.strip()
    text = re.sub("[\u00a0\u202f\u2007\u2009\u3000\t]", " ", text).strip().lower()
    words = sorted(months(language).items(), key=lambda pair: -len(pair[0]))
    expression = "|".join(re.escape(word) for word, _ in words)
    text = re.sub(expression, lambda match: f"{months(language)[match.group()]:02d}", text)
    text = re.sub("(st|nd|rd|th),", ",", re.sub("(st|nd|rd|th) ", " ", text)) if language == "en" else text
    for half, forms in WORDS["halves"].items():
        text = re.sub("|".join(map(re.escape, forms)), half, text)
    text = re.sub(r" *[(][^)]*[)]$", "", text.replace("gmt+", "+").replace("gmt-", "-"))
    return re.sub(r"^[^0-9]+", "", text)


def _by_shape(texts: Sequence[str], filled: Sequence[str], language: str, is_wordy: bool) -> Dates | None:
    groups: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        groups[shape(text)].append(text)
    found: dict[str, bool] = {}
    explained, has_time = 0, False
    for members in sorted(groups.values(), key=len, reverse=True):
        known = [pattern for pattern in found if _fits(pattern, members)]
        pattern, doubt = (known[0], found[known[0]]) if known else _pattern(members, filled, is_wordy, list(found))
        if pattern is None:
            continue
        found[pattern] = found.get(pattern, False) or doubt
        explained += len(members)
        made = [spark_dates.timestamp(text, pattern) for text in members]
        has_time |= _has_clock(pattern, members) and any(m.hour or m.minute or m.second for m in made if m)
    if not found or explained < ENOUGH * len(texts):
        return None
    patterns = tuple(found)
    offset = any(re.search(r"X$| z$", p) for p in patterns) or any(
        re.search(r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})$", t) for t in texts[:50] if "" in patterns
    )
    short = any(re.search(r"(?<!y)yy(?!y)", p) for p in patterns)
    return Dates(patterns, language, has_time, offset, any(found.values()), short)


def shape(text: str) -> str:
    """Texts of one form: runs of digits by their length (one and two alike), letters as they stand for words."""
    digits = re.sub(r"\d+", lambda m: "9" if len(m.group()) <= 2 else "9" * len(m.group()), text)
    return re.sub(r"[A-Za-z]{2,}", "a", digits)


def _fits(pattern: str, texts: Sequence[str]) -> bool:
    return sum(spark_dates.timestamp(text, pattern) is not None for text in texts) >= ENOUGH * len(texts)


def _has_clock(pattern: str, texts: Sequence[str]) -> bool:
    return bool(re.search(r"[Hh]", re.sub(r"'[^']*'", "", pattern))) or (not pattern and any(":" in t for t in texts))


def _pattern(
    texts: Sequence[str], filled: Sequence[str], is_wordy: bool, others: Sequence[str]
) -> tuple[str | None, bool]:
    if all(re.match(r"\d{4}-\d{1,2}-\d{1,2}", text) for text in texts) and _fits("", texts):
        return "", False
    good = [
        pattern for pattern in _candidates(texts[0], is_wordy) if _fits(pattern, texts) and _plausible(pattern, texts)
    ]
    if not good:
        return None, False
    mine = set(map(shape, texts[:1]))
    order = [text for text in filled if shape(text) in mine]
    chosen = min(good, key=lambda p: (_against(p, others), *_disorder(p, order)))
    return chosen, not _against_any(chosen, others) and any(p == mirrored(chosen) for p in good if p != chosen)


def _candidates(text: str, is_wordy: bool) -> list[str]:
    """Patterns that read this text, found part by part: day, joint, time of day, zone."""
    return [
        f"{day}{rest}"
        for day in (WORDY if is_wordy else DAYS)
        if ((match := spark_dates.compiled(day).match(text)) and not text[match.end() : match.end() + 1].isdigit())
        or (match and day.endswith(("dd", "日", "일")))
        for rest in _rests(text[match.end() :])
        if spark_dates.timestamp(text, f"{day}{rest}") is not None
    ]


@functools.lru_cache(maxsize=4096)
def _rests(text: str) -> tuple[str, ...]:
    """Patterns for what follows the day."""
    if not text:
        return ("",)
    found = []
    for joint in JOINTS:
        words = joint.replace("'", "")
        if not text.lower().startswith(words.lower()):
            continue
        for clock in CLOCKS[1:]:
            match = spark_dates.compiled(clock).match(text[len(words) :])
            after = text[len(words) + match.end() :] if match else "?"
            found += [f"{joint}{clock}{zone}" for zone in ZONES if _is_zone(zone, after)]
    return tuple(found)


def _is_zone(pattern: str, text: str) -> bool:
    """XXX is an offset with a colon, XX one without, z a name."""
    kind = "XXX" if ":" in text else "X" if re.fullmatch(r" ?[+-]\d\d", text) else "XX"
    kind = kind if re.search(r"[+-]\d", text) else "z"
    has_kind = pattern.strip() == kind or not re.search("[Xz]", pattern) or text.strip().upper() == "Z"
    return has_kind and spark_dates.compiled(pattern).fullmatch(text) is not None


def _plausible(pattern: str, texts: Sequence[str]) -> bool:
    return all(1900 <= m.year <= 2100 for text in texts if (m := spark_dates.timestamp(text, pattern)))


def mirrored(pattern: str) -> str:
    """Day and month changed for each other."""
    head, space, rest = pattern.partition(" ")
    return "".join(SWAPPED.get(c, c) for c in head) + space + rest


def _is_day_first(pattern: str) -> bool | None:
    order = "".join(c for c in pattern.partition(" ")[0] if c in "dM")
    return order[:1] == "d" if order and not pattern.startswith("y") else None


def _against(pattern: str, others: Sequence[str]) -> bool:
    """Whether the other patterns of the column put day and month the other way round."""
    return any(_is_day_first(pattern) is not _is_day_first(o) for o in others if _is_day_first(o) is not None)


def _against_any(pattern: str, others: Sequence[str]) -> bool:
    return any(_is_day_first(o) is not None for o in others)


def _disorder(pattern: str, filled: Sequence[str]) -> tuple[int, float]:
    """Steps back in time and span of days, in the file's own order: files are mostly in some order of time."""
    made = [m for text in filled[:2000] if (m := spark_dates.timestamp(text, pattern))]
    back = min(sum(b < a for a, b in itertools.pairwise(made)), sum(b > a for a, b in itertools.pairwise(made)))
    return back, (max(made) - min(made)).days if made else 0


def instant(text: str, dates: Dates) -> datetime | None:
    """A value as the column's patterns read it."""
    plain = plain_text(with_offset(text, dates.offsets), dates.language)
    return next((m for p in dates.patterns if (m := spark_dates.timestamp(plain, p))), None)
