"""What later deliveries beside the file say: does each tell all orders again, and are some of them gone?"""

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

from lakehouse.authoring.proposal.file_names import glob_of
from lakehouse.authoring.proposal.plan import Plan, planned
from lakehouse.authoring.proposal.sniffing import LINES, sample
from lakehouse.errors import ConfigError

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AGAIN = 0.8  # share of the orders that a later file has again, where it is the whole list
FEWEST = 5  # orders


@dataclass(frozen=True)
class Told:
    """Orders of a delivery with their days."""

    name: str
    days: dict[str, str]


def whole_list_again(plan: Plan, path: Path) -> bool:
    """Whether the last delivery beside this one is the whole list once more, and lacks some of it; asked where it is.

    A window that moves on lacks the oldest days alone: what left it is not gone.
    """
    first, last = _told(plan), _last_delivery(path)
    if last is None or len(first.days) < FEWEST:
        return False
    gone = {number: day for number, day in first.days.items() if number not in last.days}
    if len(gone) > (1 - AGAIN) * len(first.days) or len(last.days) < FEWEST:
        return False
    start = min(last.days.values())
    if not gone or all(day < start for day in gone.values()):
        return False
    plan.notes.ask(
        f"{last.name} has {len(first.days) - len(gone):,} of this file's {len(first.days):,} orders again and lacks "
        f"{len(gone):,}: taken as the whole list each time (`snapshot`), and what a later file lacks as gone; is it?"
    )
    return True


def _told(plan: Plan) -> Told:
    name = plan.roles.get("order_id")
    texts = plan.column_values(name) if name and plan.is_sales else []
    days = {text.strip(): day for text, day in zip(texts, plan.days, strict=False) if text and text.strip() and day}
    return Told(plan.sample.path.name, days if plan.sample.row_count < LINES else {})


def _last_delivery(path: Path) -> Told | None:
    """The orders of the last file of the same name in a later day's folder; None where there is none."""
    if not DAY.fullmatch(path.parent.name):
        return None
    later = [
        file
        for file in sorted(path.parent.parent.glob("*/*"))
        if DAY.fullmatch(file.parent.name) and file.parent.name > path.parent.name
        if file.is_file() and fnmatch.fnmatch(file.name, glob_of(path))
    ]
    try:
        return _told(planned(sample(later[-1]), "other")) if later else None
    except ConfigError:
        return None  # a night names it
