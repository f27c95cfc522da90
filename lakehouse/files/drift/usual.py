"""What an export's files usually look like: the profiles of its last deliveries side by side."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lakehouse.files.drift.forms import NUMBERS
from lakehouse.files.drift.profiles import ColumnProfile, FileProfile

MOST_FILES = 12  # the last ones count
SEEN_BEFORE = 0.002  # a form with a smaller share of the values is an accident, and may not excuse others


@dataclass(frozen=True)
class UsualColumn:
    """A column in the last files that had it."""

    profiles: tuple[ColumnProfile, ...]

    @cached_property
    def forms(self) -> Counter[str]:
        """Form -> values in all of them, without empty ones."""
        counted: Counter[str] = Counter()
        for profile in self.profiles:
            counted.update({name: count for name, count in profile.forms.items() if name})
        return counted

    @property
    def filled(self) -> int:
        """Values in all of them."""
        return sum(self.forms.values())

    @property
    def looked_at(self) -> int:
        """Rows in all of them."""
        return sum(profile.looked_at for profile in self.profiles)

    @property
    def known_forms(self) -> frozenset[str]:
        """The forms that its values have."""
        return frozenset(name for name, count in self.forms.items() if count / self.filled >= SEEN_BEFORE)

    def share(self, names: frozenset[str] | set[str]) -> float:
        """Share of the values that have one of the forms."""
        return sum(self.forms[name] for name in names) / self.filled if self.filled else 0.0

    @cached_property
    def sketch(self) -> frozenset[str]:
        """All values that are known again."""
        return frozenset(value for profile in self.profiles for value in profile.sketch)

    @property
    def is_number(self) -> bool:
        """Whether nearly all values are numbers."""
        return self.share(NUMBERS) >= 0.95

    @property
    def is_list_of_words(self) -> bool:
        """Whether each file repeats the same few words, as channels or states are written."""
        told = [profile for profile in self.profiles if profile.filled]
        if len(told) < 2 or any(profile.distinct != len(profile.sketch) for profile in told):
            return False
        few = 0 < len(self.sketch) <= 30 and self.filled >= max(20, 5 * len(self.sketch))
        return few and self.share(frozenset({"word", "text", "code"})) >= 0.95 and _is_steady(told)

    @property
    def middles(self) -> list[float]:
        """log10 of the middle number of each file."""
        return [math.log10(p.deciles[4]) for p in self.profiles if p.deciles and p.deciles[4] > 0]


def _is_steady(profiles: Sequence[ColumnProfile]) -> bool:
    """Whether hardly any file held values that none before it held."""
    seen = set(profiles[0].sketch)
    for profile in profiles[1:]:
        if len(set(profile.sketch) - seen) > 0.1 * len(profile.sketch):
            return False
        seen |= set(profile.sketch)
    return True


@dataclass(frozen=True)
class Usual:
    """The last files of an export."""

    columns: dict[str, UsualColumn]
    order: tuple[str, ...] = ()

    @classmethod
    def of(cls, profiles: Sequence[FileProfile]) -> "Usual":
        """What these profiles, the oldest first, say; files without a row say nothing."""
        last = [p for p in profiles if any(column.looked_at for column in p.columns.values())][-MOST_FILES:]
        names = dict.fromkeys(name for profile in reversed(last) for name in profile.columns)
        columns = {n: UsualColumn(tuple(p.columns[n] for p in last if n in p.columns)) for n in names}
        return cls(columns, tuple(last[-1].columns) if last else ())

    def beside(self, newest: FileProfile) -> "Usual":
        """The same, with one more file: the newest in full."""
        more = {
            name: UsualColumn((*column.profiles, newest.columns[name])) if name in newest.columns else column
            for name, column in self.columns.items()
        }
        return Usual(more, self.order)
