"""A steward's decisions as they come: read, checked line by line, and taken whole or not at all."""

import csv
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
class Asked:
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


def read(path: Path) -> list[Asked]:
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
            found = [asked(rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError("the file of decisions cannot be read", path.name, "give a CSV file in UTF-8") from error
    if not found:
        raise ConfigError("the file of decisions has no line below its header", path.name, "nothing was taken")
    return found


def asked(line: int, row: dict[str, str | None]) -> Asked:
    """One line in order: spaces off, the smaller account first."""
    told = {name: (row.get(name) or "").strip() for name in COLUMNS}
    left, right = sorted((told["account_id_left"], told["account_id_right"]))
    return Asked(line, left, right, told["decision"].lower(), told["reason"])


def faults(rows: Iterable[Asked], known: Set[str], standing: Iterable[tuple[str, str, str]]) -> list[str]:
    """What is wrong, a sentence per line; [] when all lines may be taken.

    Args:
        known: the accounts that exist.
        standing: account_id_left, account_id_right, decision of the decisions in force.
    """
    rows, standing = list(rows), set(standing)
    found = [fault for row in rows for fault in _line_faults(row, known, standing)]
    gone = {row.pair for row in rows if row.decision == WITHDRAW}
    agreed = Agreed()
    for left, right, decision in sorted(standing, key=lambda s: (s[2] != SAME, s)):
        if (left, right) not in gone:
            agreed.add(left, right, decision)
    for row in rows:
        if row.decision in (SAME, NEVER) and not agreed.add(row.left, row.right, row.decision):
            found.append(
                f"line {row.line}, column decision: '{row.decision}' for {row.left} and {row.right} contradicts what "
                "is decided already, itself or through other accounts; withdraw that first"
            )
    return found


def _line_faults(row: Asked, known: Set[str], standing: Set[tuple[str, str, str]]) -> list[str]:
    found = [
        f"line {row.line}, column account_id_left or account_id_right: there is no account '{account}'; give it "
        "as silver.customers has it, e.g. pos:123"
        for account in row.pair
        if account not in known
    ]
    if row.decision == ERASE and row.left != row.right:
        found.append(f"line {row.line}, column account_id_right: one account at a time is erased; name it twice")
    if row.decision != ERASE and row.left == row.right:
        found.append(f"line {row.line}, column account_id_right: it names the same account twice; name two")
    if row.decision not in (SAME, NEVER, WITHDRAW, ERASE):
        found.append(f"line {row.line}, column decision: '{row.decision}' is none of same, never, withdraw, erase")
    if row.decision == WITHDRAW and not any((*row.pair, kind) in standing for kind in (SAME, NEVER)):
        what = f"nothing is decided about {row.left} and {row.right}"
        found.append(f"line {row.line}, column decision: {what} that could be withdrawn")
    return found


class Agreed:
    """Decisions that do not contradict each other: the same as the same is the same, and never the same stays so."""

    def __init__(self) -> None:
        self.head: dict[str, str] = {}
        self.apart: dict[str, set[str]] = {}

    def add(self, left: str, right: str, decision: str) -> bool:
        """Take a decision; False, and nothing taken, where it contradicts."""
        a, b = self._of(left), self._of(right)
        if decision == SAME:
            if b in self.apart[a]:
                return False
            self._join(a, b)
        elif decision == NEVER:
            if a == b:
                return False
            self.apart[a].add(b)
            self.apart[b].add(a)
        return True

    def _of(self, account: str) -> str:
        while (above := self.head.setdefault(account, account)) != account:
            account = above
        self.apart.setdefault(account, set())
        return account

    def _join(self, into: str, gone: str) -> None:
        if into == gone:
            return
        self.head[gone] = into
        for third in self.apart.pop(gone):
            self.apart[third].discard(gone)
            self.apart[third].add(into)
            self.apart[into].add(third)


def as_table_rows(rows: Iterable[Asked], standing: Iterable[Row], steward: str, run_date: date) -> list[Row]:
    """Rows of identity.steward_decisions: new ones, and standing ones with the day they are withdrawn on.

    Args:
        standing: full rows of the decisions in force.
    """
    in_force: dict[tuple[str, str], list[Row]] = {}
    for row in standing:
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
