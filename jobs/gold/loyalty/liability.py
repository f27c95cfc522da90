"""What points add up to: before a night, by what it did, after it, and what they cost if all of them were spent."""

from datetime import date
from decimal import Decimal
from typing import Any

from jobs.gold.loyalty.taking import OWED
from jobs.gold.settings.loyalty import Settings

EVENTS = ("earn", "burn", "take_back", "expire", "adjust")
SUMS = ("opening_points", *(f"{event}_points" for event in EVENTS), "closing_points", "moved_points", "owed_points")
ANSWER = ", ".join(f"{name} BIGINT" for name in (*SUMS, "customer_count", "least_left"))


def steps(run_date: date) -> dict[str, str]:
    """Named steps to {customers}, over {ledger} and {posted}, tonight's entries."""
    least = f"min(CASE WHEN lot_id LIKE '{OWED}%' THEN 0 ELSE points END)"
    return {
        "all_entries": f"""
            SELECT customer_id, lot_id, account_id, event, points, false AS is_new FROM {{ledger}}
            WHERE posted_on < DATE '{run_date}'
            UNION ALL SELECT customer_id, lot_id, account_id, event, points, true FROM {{posted}}""",
        "customers": f"""
            SELECT customer_id, sum(points) AS points, {least} AS least_left
            FROM (SELECT customer_id, lot_id, account_id, sum(points) AS points FROM {{all_entries}}
                  GROUP BY customer_id, lot_id, account_id) lots GROUP BY customer_id""",
    }


def sums_sql() -> str:
    """The columns of ANSWER; least_left: of all lots the one with the fewest points, never below zero."""

    def whole(what: str, name: str) -> str:
        return f"CAST(coalesce({what}, 0) AS BIGINT) AS {name}"

    by_event = ", ".join(
        whole(f"sum(CASE WHEN is_new AND event = '{event}' THEN points END)", f"{event}_points") for event in EVENTS
    )
    moved = "sum(CASE WHEN is_new AND event IN ('merge', 'split') AND points > 0 THEN points END)"
    return f"""
    SELECT s.*, c.owed_points, c.customer_count, c.least_left
    FROM (SELECT {whole("sum(CASE WHEN NOT is_new THEN points END)", "opening_points")}, {by_event},
                 {whole("sum(points)", "closing_points")}, {whole(moved, "moved_points")} FROM {{all_entries}}) s
    CROSS JOIN (
        SELECT {whole("sum(CASE WHEN points < 0 THEN -points END)", "owed_points")},
               {whole("count(CASE WHEN points > 0 THEN 1 END)", "customer_count")},
               {whole("min(least_left)", "least_left")} FROM {{customers}}) c"""


def row(sums: dict[str, int], run_date: date, settings: Settings) -> dict[str, Any]:
    """The night's row: what points are worth to those who hold some; what others owe is not taken off."""
    held = sums["closing_points"] + sums["owed_points"]
    worth = (Decimal(held) * Decimal(str(settings.point_value))).quantize(Decimal("0.01"))
    return {**{name: sums[name] for name in (*SUMS, "customer_count")}, "run_date": run_date, "liability": worth}
