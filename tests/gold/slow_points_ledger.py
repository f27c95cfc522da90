"""The obvious ledger: lots in lists, one event after the other; what jobs/gold/loyalty is held against."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Lot:
    """Points that came together."""

    earned_on: date
    movement: str
    account: str
    gone_on: date
    left: int

    @property
    def place(self) -> tuple[date, str, str]:
        """The oldest are taken first."""
        return self.earned_on, self.movement, self.account


@dataclass
class Ledger:
    """Who has which points, and who owes how many."""

    expire_after_days: int | None
    lots: list[Lot] = field(default_factory=list)
    owed: dict[tuple[date, str, str], int] = field(default_factory=dict)  # day, movement, account -> points

    def night(self, run_date: date, moves: list[tuple[str, str, date, int]], owner: dict[str, str]) -> None:
        """Take in (movement, account, day, points), then take and expire day by day."""
        for movement, account, day, points in moves:
            if points > 0:
                self._add(movement, account, day, points)
        for customer in sorted(set(owner.values())):
            mine = sorted((lot for lot in self.lots if owner[lot.account] == customer), key=lambda lot: lot.place)
            latest = date.min
            gone: dict[int, date] = {}
            for lot in mine:
                latest = max(latest, lot.gone_on)
                gone[id(lot)] = latest
            old = [(*k, n, True) for k, n in self.owed.items() if owner[k[2]] == customer]
            new = [(d, m, a, -n, False) for m, a, d, n in moves if n < 0 and owner[a] == customer]
            for day, movement, account, points, is_old in sorted(old + new, key=lambda e: (e[0], e[1], not e[4], e[2])):
                rest = points
                if is_old:
                    del self.owed[day, movement, account]
                for lot in mine:
                    if gone[id(lot)] <= day:
                        lot.left = 0
                    taken = min(rest, lot.left)
                    lot.left -= taken
                    rest -= taken
                if rest:
                    self.owed[day, movement, account] = self.owed.get((day, movement, account), 0) + rest
            for lot in mine:
                if gone[id(lot)] <= run_date:
                    lot.left = 0
        self.lots = [lot for lot in self.lots if lot.left]

    def _add(self, movement: str, account: str, day: date, points: int) -> None:
        for lot in self.lots:
            if (lot.movement, lot.account) == (movement, account):
                lot.left += points
                return
        last = date.max if self.expire_after_days is None else day + timedelta(days=self.expire_after_days)
        self.lots.append(Lot(day, movement, account, last, points))

    def balances(self, owner: dict[str, str]) -> dict[str, int]:
        """Points by customer, without zeros."""
        found: dict[str, int] = defaultdict(int)
        for lot in self.lots:
            found[owner[lot.account]] += lot.left
        for (_, _, account), points in self.owed.items():
            found[owner[account]] -= points
        return {customer: points for customer, points in found.items() if points}
