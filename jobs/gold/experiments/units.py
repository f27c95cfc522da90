"""The units of experiments and what each spent and ordered, before and after: SQL down to sums per arm."""

from collections.abc import Mapping
from datetime import date, timedelta

from jobs.gold.customer_figures.customer_days import customer_days_sql
from jobs.gold.settings.experiments import METRICS, Experiment, Experiments
from lakehouse.sql.hashed_share import arm_sql
from lakehouse.sql.literal import in_query_listed, in_query_literal

SEGMENTS = ("all", "no_order_before", "few_orders_before", "many_orders_before")
ALL_MESSAGES = "holdout:universal"  # the experiment of all messages against those who get none
MANY_ORDERS = 3  # order days in the horizon before the assignment
SUMS = ("n", "y", "yy", "x", "xx", "xy", "y_early", "yy_early", "y_late", "yy_late")
ANSWER = "experiment STRING, metric STRING, segment STRING, arm STRING, " + ", ".join(f"{s} DOUBLE" for s in SUMS)


def steps(settings: Experiments, run_date: date) -> dict[str, str]:
    """Named steps to {measured}, one row per unit."""
    longest = max([settings.message_horizon_days, *(e.horizon_days for e in settings.experiments.values())])
    starts = [e.start_date for e in settings.experiments.values()]
    first = min([run_date, *starts]) - timedelta(days=2 * longest)
    return {
        "days": customer_days_sql(run_date, first),
        "homes": "SELECT customer_id, min(household_id) AS household_id FROM {households} GROUP BY customer_id",
        "units": units_sql(settings, run_date),
        "measured": measured_sql(),
    }


def units_sql(settings: Experiments, run_date: date) -> str:
    """experiment, arm, unit_id, customer_id, assigned_on, horizon_days: the customers that each unit is made of."""
    begun = {name: e for name, e in settings.experiments.items() if e.start_date < run_date}
    parts = [_assigned(name, one, settings.salt) for name, one in begun.items()]
    days = settings.message_horizon_days
    others = (_of_messages(days, run_date), _of_all_messages(days, run_date), _of_tiers(days, run_date))
    return " UNION ALL ".join([*parts, *others])


def _assigned(name: str, one: Experiment, salt: str) -> str:
    """Customers of the segments on the day of the assignment, each in an arm by hash, or their household is."""
    unit = "coalesce(n.household_id, c.customer_id)" if one.unit == "household" else "c.customer_id"
    homes = "LEFT JOIN {homes} n ON n.customer_id = c.customer_id" if one.unit == "household" else ""
    arm = arm_sql(salt, name, one.arms, unit)
    day = f"DATE '{one.start_date}'"
    if one.in_segments:
        who = f"""SELECT DISTINCT coalesce(h.current_customer_id, h.customer_id) AS customer_id
            FROM {{segment_history}} h WHERE h.segment IN ({in_query_listed(one.in_segments)}) AND h.valid_from <= {day}
            AND (h.valid_to IS NULL OR h.valid_to > {day})"""
    else:
        who = f"SELECT customer_id FROM {{customer_profile}} WHERE first_order_date <= {day}"
    return f"""
    SELECT experiment, arm, unit_id, customer_id, assigned_on, horizon_days FROM (
        SELECT {in_query_literal(name)} AS experiment, {arm} AS arm, {unit} AS unit_id, c.customer_id,
               {day} AS assigned_on, {one.horizon_days} AS horizon_days FROM ({who}) c {homes}) assigned
    WHERE arm IS NOT NULL"""


def _of_messages(horizon_days: int, run_date: date) -> str:
    """Who might have had a message, from the first night that they might: by intention, whatever became of it.

    They count when all their days are over: so units come one after the other, as sequential intervals ask.
    """
    last = run_date - timedelta(days=horizon_days)
    return f"""
    SELECT concat(kind, ':', name) AS experiment, CASE WHEN is_control THEN 'control' ELSE 'treatment' END AS arm,
           customer_id AS unit_id, customer_id, assigned_on, {horizon_days} AS horizon_days
    FROM (
        SELECT d.kind, d.name, m.customer_id, min(d.run_date) AS assigned_on,
               bool_or(d.outcome = 'held_out') AS is_control
        FROM {{decisions}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
        WHERE d.run_date < DATE '{run_date}' AND (d.outcome IN ('chosen', 'outbid', 'no_capacity')
              OR (d.outcome = 'held_out' AND d.rule = 'control'))
        GROUP BY d.kind, d.name, m.customer_id) entered
    WHERE assigned_on <= DATE '{last}'"""


def _of_all_messages(horizon_days: int, run_date: date) -> str:
    """Who might have had any message that the universal holdout gets none of: what all of them together bring.

    Both arms enter on the first night on which nothing but the holdout stood in the way, and stay by intention.
    """
    last = run_date - timedelta(days=horizon_days)
    return f"""
    SELECT '{ALL_MESSAGES}' AS experiment, CASE WHEN is_control THEN 'control' ELSE 'treatment' END AS arm,
           customer_id AS unit_id, customer_id, assigned_on, {horizon_days} AS horizon_days
    FROM (
        SELECT m.customer_id, min(d.run_date) AS assigned_on, bool_or(d.rule = 'universal_holdout') AS is_control
        FROM {{decisions}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
        JOIN (SELECT DISTINCT purpose FROM {{decisions}} WHERE rule = 'universal_holdout') p ON p.purpose = d.purpose
        WHERE d.run_date < DATE '{run_date}' AND d.outcome <> 'not_allowed'
        GROUP BY m.customer_id) entered
    WHERE assigned_on <= DATE '{last}'"""


def _of_tiers(horizon_days: int, run_date: date) -> str:
    """Who came up to a tier of the loyalty programme, from the first time on; the control gets none of its benefits."""
    last = run_date - timedelta(days=horizon_days)
    return f"""
    SELECT concat('tier:', tier) AS experiment, CASE WHEN is_control THEN 'control' ELSE 'treatment' END AS arm,
           customer_id AS unit_id, customer_id, assigned_on, {horizon_days} AS horizon_days
    FROM (
        SELECT t.tier, m.customer_id, min(t.valid_from) AS assigned_on, bool_or(t.is_held_out) AS is_control
        FROM {{loyalty_tiers}} t JOIN {{customer_map}} m ON t.account_id = m.account_id
        WHERE t.valid_from < DATE '{run_date}' AND t.move = 'up' AND t.control_share > 0
        GROUP BY t.tier, m.customer_id) entered
    WHERE assigned_on <= DATE '{last}'"""


def measured_sql() -> str:
    """Per unit and metric: y in the horizon, its early and late halves, x in as many days before."""
    windows = {
        "y": "d.order_date > u.assigned_on AND d.order_date <= date_add(u.assigned_on, u.horizon_days)",
        "early": "d.order_date > u.assigned_on "
        "AND d.order_date <= date_add(u.assigned_on, CAST(u.horizon_days DIV 2 AS INT))",
        "x": "d.order_date <= u.assigned_on AND d.order_date > date_sub(u.assigned_on, u.horizon_days)",
    }
    sums = ", ".join(
        f"CAST(coalesce(sum(CASE WHEN {window} THEN {value} END), 0) AS DOUBLE) / {unit} AS {metric}_{name}"
        for name, window in windows.items()
        for metric, value, unit in (("spend", "d.spend_cents", 100), ("order_count", "d.order_count", 1))
    )
    return f"""
    SELECT u.experiment, u.arm, u.unit_id, {sums}
    FROM {{units}} u LEFT JOIN {{days}} d ON d.customer_id = u.customer_id
    GROUP BY u.experiment, u.arm, u.unit_id"""


def sums_sql() -> str:
    """The columns of ANSWER, over {measured}: the sums that every reading follows from."""
    columns: Mapping[str, tuple[str, str, str]] = {
        "spend": ("spend_y", "spend_early", "spend_x"),
        "order_count": ("order_count_y", "order_count_early", "order_count_x"),
        "has_order": (
            "CASE WHEN order_count_y > 0 THEN 1.0 ELSE 0.0 END",
            "CASE WHEN order_count_early > 0 THEN 1.0 ELSE 0.0 END",
            "CASE WHEN order_count_x > 0 THEN 1.0 ELSE 0.0 END",
        ),
    }
    long = " UNION ALL ".join(
        f"""SELECT experiment, arm, '{metric}' AS metric, {columns[metric][0]} AS y, {columns[metric][1]} AS early,
        {columns[metric][2]} AS x, CASE WHEN order_count_x = 0 THEN 'no_order_before'
        WHEN order_count_x < {MANY_ORDERS} THEN 'few_orders_before' ELSE 'many_orders_before' END AS segment
        FROM {{measured}}"""
        for metric in METRICS
    )
    late = "(CASE WHEN metric = 'has_order' THEN y ELSE y - early END)"
    sums = f"""CAST(count(*) AS DOUBLE) AS n, sum(y) AS y, sum(y * y) AS yy, sum(x) AS x, sum(x * x) AS xx,
        sum(x * y) AS xy, sum(early) AS y_early, sum(early * early) AS yy_early, sum({late}) AS y_late,
        sum({late} * {late}) AS yy_late"""
    return f"""
    SELECT experiment, metric, segment, arm, {sums} FROM (
        SELECT experiment, metric, segment, arm, y, early, x FROM ({long}) by_segment
        UNION ALL SELECT experiment, metric, 'all', arm, y, early, x FROM ({long}) whole) each_one
    GROUP BY experiment, metric, segment, arm"""
