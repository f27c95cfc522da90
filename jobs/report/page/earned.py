"""What messages have earned against those who got none, and which comparison is worth the most to wait for."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from lakehouse.experiments.design import units_to_see

Row = Mapping[str, Any]

NIGHTS = 28  # that say what a message is expected to bring
ALL_MESSAGES = "holdout:universal"
QUERIES = {
    "effects": f"""SELECT experiment, arm, metric, unit_count, control_unit_count, control_mean, difference,
                   difference_low, difference_high, sequential_low, sequential_high, state
                   FROM gold.experiment_results WHERE role = 'metric' AND segment = 'all'
                   AND experiment NOT LIKE 'tier:%'
                   ORDER BY CASE WHEN experiment = '{ALL_MESSAGES}' THEN 0 ELSE 1 END, experiment, arm""",
    "credited": """SELECT channel_group, max(touch_count) AS touch_count, max(CAST(cost AS DOUBLE)) AS cost,
                   max(CASE WHEN model = 'first' THEN CAST(revenue AS DOUBLE) END) AS first,
                   max(CASE WHEN model = 'last' THEN CAST(revenue AS DOUBLE) END) AS last,
                   max(CASE WHEN model = 'linear' THEN CAST(revenue AS DOUBLE) END) AS linear,
                   max(CASE WHEN model = 'markov_1' THEN CAST(revenue AS DOUBLE) END) AS markov,
                   max(CASE WHEN model = 'shapley' THEN CAST(revenue AS DOUBLE) END) AS shapley,
                   max(incremental_revenue) AS incremental,
                   max(CASE WHEN model = 'markov_1' THEN incremental_share END) AS incremental_share
                   FROM gold.attribution GROUP BY channel_group
                   ORDER BY CASE WHEN channel_group = 'none' THEN 1 ELSE 0 END, channel_group""",
    "stakes": """SELECT concat(kind, ':', name) AS experiment, max(control_share) AS control_share,
                 sum(CASE WHEN outcome = 'chosen' THEN CAST(expected_value AS DOUBLE) ELSE 0 END) AS expected_value,
                 count(DISTINCT run_date) AS nights, count(DISTINCT customer_id) AS customers
                 FROM activation.decisions WHERE run_date > '{stakes_from}' AND run_date <= '{day}'
                 AND (outcome IN ('chosen', 'outbid', 'no_capacity') OR rule = 'control')
                 GROUP BY kind, name ORDER BY expected_value DESC, experiment""",
}


def stakes_from(day: date) -> date:
    """The day before the first that counts."""
    return day - timedelta(days=NIGHTS)


def is_known(row: Row) -> bool:
    """Whether the always-valid interval leaves out that nothing is changed."""
    low, high = row["sequential_low"], row["sequential_high"]
    return row["state"] == "read" and low is not None and high is not None and not low <= 0 <= high


def next_experiment(stakes: Iterable[Row], effects: Iterable[Row], reading: Row, currency: str) -> str:
    """A sentence on the message that is expected to bring most while no comparison has shown that it does; "" for none.

    Args:
        stakes: rows of its query in QUERIES.
        effects: likewise.
        reading: conf/experiment_reading.yaml.
        currency: of the amounts.
    """
    read = {row["experiment"]: row for row in effects}
    for one in stakes:
        found = read.get(one["experiment"])
        if one["expected_value"] > 0 and not (found and is_known(found)):
            said = f"{_spoken(one['experiment'])} is expected to bring {one['expected_value']:,.2f} {currency} by the "
            said += f"messages of the last {_many(one['nights'], 'night')}, as assumed"
            return f"{said}; {_missing(one, found, reading)}"
    return ""


def _missing(one: Row, found: Row | None, reading: Row) -> str:
    """What it would take to know."""
    share = one["control_share"]
    if not share:
        return "nothing can show whether it does, since it has no control: give it a holdout_share"
    if found is None or found["state"] != "read" or not found["control_mean"]:
        units = found["control_unit_count"] if found else 0
        days, least = reading["message_horizon_days"], reading["min_units"]
        return f"its control has {units:,} of the {least:,} customers whose {days} days must be over before it is read"
    interval = (found["difference_low"], found["difference_high"], reading["level"])
    counts = (found["control_unit_count"], found["unit_count"])
    change = reading["likely_effect"] * abs(found["control_mean"])
    now, half = (units_to_see(interval, counts, change, s, reading["power"]) for s in (share, 0.5))
    text = f"a change of {reading['likely_effect']:.0%} shows with {now:,} customers at its control of {share:.0%}"
    more = "" if half >= now else f", with {half:,} at a control of half of them"
    return f"{text}{more}; {sum(counts):,} are counted so far, and {one['customers']:,} met it in that time"


def _spoken(experiment: str) -> str:
    kind, _, name = experiment.partition(":")
    return f"the {kind} {name.replace('_', ' ')}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}s" if count != 1 else what
