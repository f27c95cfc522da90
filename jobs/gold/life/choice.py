"""What the company's rhythm chose (gold.life_cycle_rhythm), for jobs whose windows follow it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from lakehouse.sql.query import Query

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

RHYTHM = "gold.life_cycle_rhythm"
COLUMNS = ("lost_to_days", "interval_days")


def choice_query(run_date: date) -> Query:
    """The newest limits up to a night; none where too few customers came back to give any."""
    sql = f"""SELECT {", ".join(COLUMNS)} FROM {{rhythm}} WHERE run_date <= DATE '{run_date}' AND gap_count > 0
              AND lost_to_days IS NOT NULL ORDER BY run_date DESC LIMIT 1"""
    return Query(sql, {"rhythm": RHYTHM}, answers="lost_to_days INT, interval_days INT")


def in_force(lake: "Lake", run_date: date) -> Mapping[str, int]:
    """The limits in force by name; {} where the company gives none."""
    known = lake.fetch(choice_query(run_date)).to_pylist()
    return known[0] if known else {}


def until_lost(lake: "Lake", run_date: date, window_days: int) -> int:
    """A window's days, or more where the company's customers are lost later: who is not lost yet stands in it."""
    return max(window_days, in_force(lake, run_date).get("lost_to_days", 0))
