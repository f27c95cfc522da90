"""A steward's decisions as they come: read, checked line by line, and taken whole or not at all."""

import csv
from collections import deque
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lakehouse.errors import ConfigError

COLUMNS = ("account_id_left", "account_id_right", "decision", "reason")
SAME, NEVER, WITHDRAW, ERASE, APPLY_MODEL = "same", "never", "withdraw", "erase", "apply_model"
Row = dict[str, Any]


@dataclass(frozen=True)
class DecisionLine:
    """One line: two accounts, the smaller first, and what is to be."""

    line: int
    left: str
    right: str
    decision: str
    reason: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two accounts."""
        return self.left, self.right


def read(path: Path) -> list[DecisionLine]:
    """The lines of a CSV file.

    Raises:
        ConfigError: there is no such file, it is no UTF-8 text or no CSV, it has other columns, or no line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text, strict=True)  # a quote that never ends would swallow the lines after it
            if sorted(rows.fieldnames or ()) != sorted(COLUMNS):
                raise ConfigError(
                    f"a file of decisions has the columns {', '.join(COLUMNS)}, parted by commas", path.name
                )
            lines = [decision_line(rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError("the file of decisions cannot be read", path.name, "give a CSV file in UTF-8") from error
    if not lines:
        raise ConfigError("the file of decisions has no line below its header", path.name, "nothing was taken")
    return lines


def decision_line(line: int, row: dict[str, str | None]) -> DecisionLine:
    """One line in order: spaces off, the smaller account first."""
    texts = {name: (row.get(name) or "").strip() for name in COLUMNS}
    left, right = sorted((texts["account_id_left"], texts["account_id_right"]))
    return DecisionLine(line, left, right, texts["decision"].lower(), texts["reason"])


def faults(rows: Iterable[DecisionLine], known: Set[str], current: Iterable[tuple[str, str, str]]) -> list[str]:
    """What is wrong, a sentence per line; [] when all lines may be taken.

    Args:
        known: the accounts that exist.
        current: account_id_left, account_id_right, decision of the decisions in force.
    """
    rows, current = list(rows), set(current)
    messages = [fault for row in rows for fault in _line_faults(row, known, current)]
    return messages + _contradictions(rows, current)


def _contradictions(rows: list[DecisionLine], current: Set[tuple[str, str, str]]) -> list[str]:
    """Each line that cannot be obeyed together with what is decided or asked before it, and the line against it."""
    gone = {row.pair for row in rows if row.decision == WITHDRAW}
    agreed, messages = Agreed(), []
    for left, right, decision in sorted(current, key=lambda s: (s[2] != SAME, s)):
        if (left, right) not in gone:
            agreed.add(left, right, decision, f"the current '{decision}' of {left} and {right}")
    for row in rows:
        if row.decision not in (SAME, NEVER):
            continue
        name = f"line {row.line} ('{row.decision}' of {row.left} and {row.right})"
        if not agreed.add(row.left, row.right, row.decision, name):
            against = agreed.against(row.left, row.right, row.decision)
            messages.append(f"{name} contradicts {', with '.join(against)}; take one of them out, or withdraw it first")
    return messages


def _line_faults(row: DecisionLine, known: Set[str], current: Set[tuple[str, str, str]]) -> list[str]:
    messages = [
        f"line {row.line}, column account_id_left or account_id_right: there is no account '{account}'; give it "
        "as silver.customers has it, e.g. pos:123"
        for account in row.pair
        if account not in known
    ]
    if row.decision == ERASE and row.left != row.right:
        messages.append(f"line {row.line}, column account_id_right: one account at a time is erased; name it twice")
    if row.decision != ERASE and row.left == row.right:
        messages.append(f"line {row.line}, column account_id_right: it names the same account twice; name two")
    if row.decision not in (SAME, NEVER, WITHDRAW, ERASE):
        messages.append(f"line {row.line}, column decision: '{row.decision}' is none of same, never, withdraw, erase")
    if row.decision == WITHDRAW and not any((*row.pair, kind) in current for kind in (SAME, NEVER)):
        what = f"nothing is decided about {row.left} and {row.right}"
        messages.append(f"line {row.line}, column decision: {what} that could be withdrawn")
    return messages


class Agreed:
    """Decisions that do not contradict each other: the same as the same is the same, and never the same stays so.

    Each decision has a name, so that one that is refused can say what stands against it.
    """

    def __init__(self) -> None:
        self.head: dict[str, str] = {}
        self.apart: dict[
            str, dict[str, tuple[str, str, str]]
        ] = {}  # per head: heads it never joins, and by which never
        self.same: dict[str, dict[str, str]] = {}  # per account: accounts that it was said to be, and by which name

    def add(self, left: str, right: str, decision: str, name: str = "") -> bool:
        """Take a decision; False, and nothing taken, where it contradicts."""
        a, b = self._of(left), self._of(right)
        if decision == SAME:
            if b in self.apart[a]:
                return False
            self.same.setdefault(left, {})[right] = name
            self.same.setdefault(right, {})[left] = name
            self._join(a, b)
        elif decision == NEVER:
            if a == b:
                return False
            self.apart[a].setdefault(b, (left, right, name))
            self.apart[b].setdefault(a, (right, left, name))
        return True

    def against(self, left: str, right: str, decision: str) -> list[str]:
        """Names of the fewest decisions that a refused one contradicts together."""
        if decision == NEVER:
            return self._way(left, right)
        near, far, name = self.apart[self._of(left)][self._of(right)]
        return [name, *self._way(left, near), *self._way(far, right)]

    def _way(self, start: str, end: str) -> list[str]:
        """Names of the decisions by which two accounts are the same."""
        came: dict[str, tuple[str, str]] = {start: ("", "")}
        waiting = deque([start])
        while end not in came:
            here = waiting.popleft()
            for other, name in self.same.get(here, {}).items():
                if other not in came:
                    came[other] = (here, name)
                    waiting.append(other)
        names = []
        while end != start:
            end, name = came[end]
            names.append(name)
        return names[::-1]

    def _of(self, account: str) -> str:
        while (above := self.head.setdefault(account, account)) != account:
            account = above
        self.apart.setdefault(account, {})
        return account

    def _join(self, into: str, gone: str) -> None:
        if into == gone:
            return
        self.head[gone] = into
        for third, never in self.apart.pop(gone).items():
            mirrored = self.apart[third].pop(gone)
            self.apart[third].setdefault(into, mirrored)
            self.apart[into].setdefault(third, never)


def as_table_rows(rows: Iterable[DecisionLine], current: Iterable[Row], steward: str, run_date: date) -> list[Row]:
    """Rows of identity.steward_decisions: new ones, and current ones with the day they are withdrawn on.

    Args:
        current: full rows of the decisions in force.
    """
    in_force: dict[tuple[str, str], list[Row]] = {}
    for row in current:
        in_force.setdefault((row["account_id_left"], row["account_id_right"]), []).append(row)
    made: list[Row] = []
    for ask in sorted(rows, key=lambda r: r.decision != WITHDRAW):
        if ask.decision == WITHDRAW:
            made += [{**old, "withdrawn_on": run_date, "withdrawn_by": steward} for old in in_force.pop(ask.pair, [])]
        elif not any(old["decision"] == ask.decision for old in in_force.get(ask.pair, [])):
            made.append(
                {
                    "account_id_left": ask.left,
                    "account_id_right": ask.right,
                    "decision": ask.decision,
                    "decided_on": run_date,
                    "steward": steward,
                    "reason": ask.reason or None,
                    "withdrawn_on": None,
                    "withdrawn_by": None,
                }
            )
    by_key = {(r["account_id_left"], r["account_id_right"], r["decision"], r["decided_on"]): r for r in made}
    return list(by_key.values())
