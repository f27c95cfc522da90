"""How a file differs from the usual ones of its export, column by column, each difference by its name.

A difference must be large, so that it matters, and unlikely, so that it is no accident of few rows.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lakehouse.files.drift.forms import NUMBERS, OPEN, family, fits
from lakehouse.files.drift.likeness import is_like, is_rather
from lakehouse.files.drift.profiles import ColumnProfile, FileProfile
from lakehouse.files.drift.usual import Usual, UsualColumn

ENOUGH = 3  # values in a column before it can differ
MOSTLY = 0.5  # of the values, so that the column is another one, and not some of its values
UNLIKELY = 1e-2  # among columns of one family of forms
VERY_UNLIKELY = 1e-6
SIZES = 20  # numbers needed before their size can differ
STEP = math.log10(7)  # a unit changes by 10 or more; months and prices by less
DECIMALS = frozenset({"decimal_point", "decimal_comma", "grouped_comma", "grouped_point"})


@dataclass(frozen=True)
class Difference:
    """One difference.

    Args:
        kind: its name, as the policy of an export has it.
        share: of the column's values.
        other: a column that it has to do with.
        told: forms or factors, in words; never a value.
    """

    kind: str
    column: str
    share: float = 1.0
    other: str = ""
    told: str = ""


def differences(file: FileProfile, usual: Usual, listed: Collection[str]) -> list[Difference]:
    """All differences of a file.

    Args:
        listed: the columns that the export lists.
    """
    if not usual.columns or not any(column.looked_at for column in file.columns.values()):
        return []
    found = [*_columns(file, usual, listed)]
    for name, column in file.columns.items():
        if name in usual.columns and (difference := of_column(name, column, usual.columns[name])):
            found.append(difference)
    return with_moves(found, file, usual)


def _columns(file: FileProfile, usual: Usual, listed: Collection[str]) -> Iterator[Difference]:
    """Columns that came, went, were renamed or stand in another order."""
    gone = [n for n in usual.order if n in listed and n not in file.columns and usual.columns[n].filled]
    new = [n for n in file.columns if n not in usual.columns and n not in listed]
    for name in gone:
        likely = [n for n in new if is_like(file.columns[n], usual.columns[name])]
        if likely:
            new.remove(likely[0])
            yield Difference("column_renamed", name, other=likely[0])
        else:
            yield Difference("column_missing", name)
    for name in new:
        yield Difference("column_added", name)
    before = [n for n in usual.order if n in file.columns]
    if before != [n for n in file.columns if n in set(before)]:
        yield Difference("columns_reordered", "")


def of_column(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    """What is different about a column, the gravest alone."""
    if not usual.filled:
        return None
    made = (_emptied, _zeros_lost, _other_forms, _other_size, _other_words)
    return next((difference for look in made if (difference := look(name, now, usual))), None)


def _emptied(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    before = 1 - usual.filled / usual.looked_at
    share = now.empty / now.looked_at if now.looked_at else 0.0
    if now.looked_at < ENOUGH or share < 0.9 or before > 0.5:
        return None
    if unlikely(now.empty, now.looked_at, usual.looked_at - usual.filled, usual.looked_at) > 1e-3:
        return None
    return Difference("emptied", name, share)


def _zeros_lost(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    """Ids that began with zeros and do not any more: a spreadsheet took them for numbers."""
    before = usual.share({"zero_led"})
    if before < 0.05 or now.forms.get("zero_led") or now.filled < ENOUGH:
        return None
    if now.forms.get("integer", 0) < 0.9 * now.filled * usual.share({"integer", "zero_led"}):
        return None
    return Difference("zeros_lost", name) if (1 - before) ** now.filled < UNLIKELY else None


def _other_forms(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    known = usual.known_forms
    new = _with_undecided({f: n for f, n in now.forms.items() if f and not fits(f, known)}, now)
    count = sum(new.values())
    if not count or now.filled < ENOUGH:
        return _loose_forms(name, now, usual)
    share = count / now.filled
    chance = unlikely(count, now.filled, 0, usual.filled)
    is_open = usual.share(OPEN) >= 0.5
    families = {family(f) for f in known}
    if share >= (0.9 if is_open else MOSTLY) and chance < (UNLIKELY if len(families) == 1 else VERY_UNLIKELY):
        return Difference(_kind(usual, new), name, share, told=_told(usual, new))
    if not is_open and share >= 0.01 and chance < VERY_UNLIKELY:
        return Difference("unfamiliar_values", name, share, told=_told(usual, new))
    return None


def _with_undecided(new: dict[str, int], now: ColumnProfile) -> dict[str, int]:
    """Dates that may be read in both ways are of the new form where nothing but the new form decides."""
    more: dict[str, int] = {}
    for name in new:
        for order, other in (("_mdy", "_dmy"), ("_dmy", "_mdy")):
            if order in name and not now.forms.get(name.replace(order, other)):
                either = name.replace(order, "_either")
                more |= {either: now.forms[either]} if either in now.forms else {}
    return new | more


def _loose_forms(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    """Decimals that are whole now although they never all were: another type, or another unit."""
    enough = now.filled >= SIZES and usual.filled >= SIZES
    is_whole = usual.share(DECIMALS) >= 0.9 and now.shares.get("integer", 0.0) >= 0.99
    if enough and is_whole and not _size_ratio(now, usual):
        return Difference("unfamiliar_values", name, told="whole numbers only, where there were decimals")
    return None


def _kind(usual: UsualColumn, new: dict[str, int]) -> str:
    before, after = {family(f) for f in usual.known_forms}, {family(f) for f in new}
    if before == after == {"date"}:
        return "date_form_changed"
    numbers = usual.share(NUMBERS) >= MOSTLY
    if numbers and after <= {"number"}:
        return "decimal_mark_changed"
    return "type_changed"


def _told(usual: UsualColumn, new: dict[str, int]) -> str:
    before = ", ".join(name for name, _ in usual.forms.most_common(2))
    return f"{before} before, {', '.join(sorted(new, key=lambda f: -new[f])[:2])} now"


def _other_size(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    ratio = _size_ratio(now, usual)
    return Difference("unit_changed", name, told=f"about {ratio:.3g} times as large") if ratio else None


def _size_ratio(now: ColumnProfile, usual: UsualColumn) -> float | None:
    """By what the numbers are larger, where all of them are by about the same; None where they are as large."""
    numbers = sum(now.forms.get(f, 0) for f in NUMBERS)
    if numbers < max(SIZES, 0.95 * now.filled) or not usual.is_number or usual.filled < SIZES or not now.deciles:
        return None
    middles = usual.middles
    low, middle, high = now.deciles[0], now.deciles[4], now.deciles[8]
    last = next((p.deciles for p in reversed(usual.profiles) if p.deciles and p.deciles[4] > 0), ())
    if not middles or not last or middle <= 0:
        return None
    shift = math.log10(middle) - sorted(middles)[len(middles) // 2]
    widest = max(middles) - min(middles)
    if abs(shift) < STEP + 2 * widest or _is_count_of_its_own(now, usual):
        return None
    ends = [math.log10(a / b) for a, b in ((low, last[0]), (high, last[8])) if a > 0 and b > 0]
    return 10**shift if all(abs(end - shift) < 0.5 for end in ends) else None


def _is_count_of_its_own(now: ColumnProfile, usual: UsualColumn) -> bool:
    """A running number (an order's) grows without a change of its unit; not by thousands at once, as seconds do."""
    whole = {"integer", "zero_led"}
    is_whole = usual.share(whole) >= 0.99 and sum(now.shares.get(f, 0.0) for f in whole) >= 0.99
    is_whole = is_whole and now.distinct > 0.9 * now.filled
    spread = max(now.deciles) / max(min(now.deciles), 1e-9)
    return is_whole and spread > 1.2


def _other_words(name: str, now: ColumnProfile, usual: UsualColumn) -> Difference | None:
    """Words that nobody wrote before, in a column that holds a few."""
    if not usual.is_list_of_words or now.distinct != len(now.sketch) or now.filled < ENOUGH:
        return None
    new = [value for value in now.sketch if value not in usual.sketch]
    share = len(new) / len(now.sketch)
    if not new:
        return None
    return Difference("words_changed" if share > MOSTLY else "words_added", name, share)


def with_moves(found: list[Difference], file: FileProfile, usual: Usual) -> list[Difference]:
    """The same, where columns that look like one another's usual are said to have changed places."""
    grave = {d.column for d in found if d.kind not in ("column_added", "columns_reordered", "words_added")}
    known = [n for n in file.columns if n in usual.columns]
    moved: dict[str, str] = {}
    for name in known:
        homes = [o for o in known if o != name and is_rather(file.columns[name], usual.columns[o], usual.columns[name])]
        if len(homes) >= 1:
            moved[name] = homes[0]
    pairs = {name: home for name, home in moved.items() if home in moved or home in grave}
    if not pairs:
        return found
    left = [d for d in found if d.column not in pairs and d.column not in pairs.values()]
    return [*left, *(Difference("values_moved", home, other=name) for name, home in sorted(pairs.items()))]


def unlikely(count: int, of: int, before: int, of_before: int) -> float:
    """How likely so many of these or more are, given so many of those before (Laplace's rule for what never was)."""
    chance = (before + 1) / (of_before + 2)
    total = 0.0
    for k in range(count, of + 1):
        log = math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        total += math.exp(log + k * math.log(chance) + (of - k) * math.log1p(-chance))
    return min(1.0, total)
