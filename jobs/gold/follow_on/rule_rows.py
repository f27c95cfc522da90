"""Rules as rows of gold.follow_on_rules and gold.follow_on_lags."""

import hashlib
import json
import math
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.follow_on.comparable import Late
from jobs.gold.follow_on.first_purchases import FirstPurchases
from jobs.gold.follow_on.search import MIN_EXPECTED, FollowOn, later_ratio

Z95 = 1.959963984540054
RULES = pa.schema(
    {
        "rule_id": pa.string(),
        "level": pa.string(),
        "antecedent": pa.string(),
        "consequent": pa.string(),
        "window_days": pa.int32(),
        "buyer_count": pa.int64(),
        "follower_count": pa.int64(),
        "confidence": pa.float64(),
        "confidence_low": pa.float64(),
        "confidence_high": pa.float64(),
        "base_rate": pa.float64(),
        "lift": pa.float64(),
        "standard_errors": pa.float64(),
        "q_value": pa.float64(),
        "lag_p10_days": pa.int32(),
        "lag_p50_days": pa.int32(),
        "lag_p90_days": pa.int32(),
        "later_followers": pa.int64(),
        "later_expected": pa.float64(),
        "holds_later": pa.bool_(),
        "later_ratio": pa.float64(),
        "searched_until": pa.date32(),
        "searched_on": pa.date32(),
        "reason": pa.string(),
    }
)
LAGS = pa.schema({"rule_id": pa.string(), "lag_days": pa.int32(), "share": pa.float64()})


def as_tables(
    rules: list[FollowOn], level: str, purchases: FirstPurchases, searched_until: date, searched_on: date
) -> tuple[pa.Table, pa.Table]:
    """The rows of both tables."""
    alike = {
        "level": level,
        "searched_until": searched_until,
        "searched_on": searched_on,
        "later_ratio": later_ratio(rules),
    }
    rows = [alike | named(rule, level, purchases.items) for rule in rules]
    lags = [lag for row, rule in zip(rows, rules, strict=True) for lag in steps(str(row["rule_id"]), rule)]
    return pa.Table.from_pylist(rows, schema=RULES), pa.Table.from_pylist(lags, schema=LAGS)


def named(rule: FollowOn, level: str, items: list[str]) -> dict[str, Any]:
    """A rule as a row; its id depends on what it says alone, so that it is the same every night."""
    antecedent, consequent = items[rule.pair.antecedent], items[rule.pair.consequent]
    text = json.dumps([level, antecedent, consequent], ensure_ascii=False)
    low, high = rule.curve.interval(Z95)
    return {
        "rule_id": hashlib.sha256(text.encode()).hexdigest()[:16],
        "antecedent": antecedent,
        "consequent": consequent,
        "window_days": rule.pair.window_days,
        "buyer_count": rule.curve.buyers,
        "follower_count": rule.curve.followers,
        "confidence": rule.curve.confidence,
        "confidence_low": low,
        "confidence_high": high,
        "base_rate": rule.base_rate,
        "lift": rule.lift,
        "standard_errors": rule.standard_errors,
        "q_value": rule.q_value,
        **{f"lag_p{part}_days": rule.curve.lag_days(part / 100) for part in (10, 50, 90)},
        **later(rule.late),
        "reason": reason(rule, antecedent, consequent),
    }


def later(seen: Late | None) -> dict[str, Any]:
    """What the last days say of it."""
    if seen is None:
        return {"later_followers": None, "later_expected": None, "holds_later": None}
    holds = seen.holds(MIN_EXPECTED)
    return {"later_followers": seen.followers, "later_expected": seen.expected, "holds_later": holds}


def reason(rule: FollowOn, antecedent: str, consequent: str) -> str:
    """A rule in words: what follows for how many, and for how many without."""
    return (
        f"{percent(rule.curve.confidence)} % of those who first buy {antecedent} first buy {consequent} within"
        f" {rule.pair.window_days} days, half of them by day {rule.curve.lag_days(0.5)};"
        f" {percent(rule.base_rate)} % of comparable customers do"
    )


def percent(share: float) -> int:
    """A share in whole percent, halves up, as people round."""
    return math.floor(share * 100 + 0.5)


def steps(rule_id: str, rule: FollowOn) -> list[dict[str, Any]]:
    """The share that has followed by each day on which it rises."""
    days = np.flatnonzero(np.diff(rule.curve.share) > 0) + 1
    return [{"rule_id": rule_id, "lag_days": int(day), "share": float(rule.curve.share[day])} for day in days]
