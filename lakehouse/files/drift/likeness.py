"""Whether a column holds what another one used to: by its values, their forms and sizes."""

import math
from collections import defaultdict

from lakehouse.files.drift.profiles import ColumnProfile
from lakehouse.files.drift.usual import UsualColumn

FAR_FORMS, NEAR_FORMS = 0.6, 0.25  # half the sum of what the shares of forms differ by
SHARED, FOREIGN = 0.3, 0.05  # share of a column's values that are known


def forms_apart(now: ColumnProfile, usual: UsualColumn) -> float:
    """Half the sum of what the shares of forms differ by: 0 for equal ones, 1 for nothing in common."""
    apart: defaultdict[str, float] = defaultdict(float)
    for name, share in now.shares.items():
        apart[_bare(name)] += share
    for name in usual.forms:
        apart[_bare(name)] -= usual.share({name})
    return sum(map(abs, apart.values())) / 2


def _bare(name: str) -> str:
    """Which days of a month tell day and month apart depends on the day of the file."""
    return name.replace("_dmy", "_either").replace("_mdy", "_either")


def shared(now: ColumnProfile, usual: UsualColumn) -> float:
    """Share of the column's values that stood in the usual one."""
    return len(usual.sketch & set(now.sketch)) / len(now.sketch) if now.sketch else 0.0


def sizes_apart(now: ColumnProfile, usual: UsualColumn) -> float:
    """What the deciles differ by, as a mean of logarithms to ten; infinite where one has no numbers."""
    mine = now.deciles
    others = [p.deciles for p in usual.profiles if p.deciles]
    if not mine or not others:
        return math.inf
    middle = [sorted(d[i] for d in others)[len(others) // 2] for i in range(len(mine))]
    return sum(abs(math.log10((a + 1e-6) / (b + 1e-6))) for a, b in zip(mine, middle, strict=True)) / len(mine)


def likeness(now: ColumnProfile, usual: UsualColumn) -> float:
    """0 to 1, by values that are known again; by forms and sizes where none are."""
    known = shared(now, usual)
    apart = forms_apart(now, usual)
    if known >= SHARED:
        return min(1.0, 0.5 + known / 2)
    sizes = sizes_apart(now, usual)
    if not math.isinf(sizes):
        return max(0.0, 1 - apart) * max(0.0, 1 - sizes) * 0.8
    return max(0.0, 1 - apart) * 0.8


def is_like(now: ColumnProfile, usual: UsualColumn) -> bool:
    """Whether a new column may be the old one under another name."""
    if not now.filled or not usual.filled:
        return False
    has_numbers = bool(now.deciles) and not math.isinf(sizes_apart(now, usual))
    near = forms_apart(now, usual) <= NEAR_FORMS and (not has_numbers or sizes_apart(now, usual) < 0.3)
    return shared(now, usual) >= SHARED or near


def is_rather(now: ColumnProfile, other: UsualColumn, own: UsualColumn) -> bool:
    """Whether a column holds what another one used to, and no more what its own name stands for."""
    if now.filled < 3 or not other.filled or not own.filled:
        return False
    if now.sketch and own.sketch and other.sketch and own.filled >= 10:
        mine, theirs = shared(now, own), shared(now, other)
        if theirs >= SHARED and mine <= FOREIGN and theirs > 5 * mine:
            return True
    if forms_apart(now, own) > FAR_FORMS and forms_apart(now, other) <= NEAR_FORMS:
        return not now.deciles or math.isinf(sizes_apart(now, other)) or sizes_apart(now, other) < 0.5
    far = sizes_apart(now, own)
    is_number = own.is_number and other.is_number and now.filled >= 20 and own.filled >= 40
    return is_number and 0.35 < far < math.inf and sizes_apart(now, other) < min(0.08, far / 5)
