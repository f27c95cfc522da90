"""Messages that were answered, by which channel and at which hour of the customer's day, as SQL."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from jobs.activation.contact import clocks
from jobs.activation.contact.rules import contacts_sql, sent_steps
from jobs.activation.settings.contact_policy import Settings
from lakehouse.sql.literal import in_query_listed, in_query_literal

CHANNEL_SUMS = (
    "channel STRING, group_count BIGINT, trial_count BIGINT, square_sum BIGINT, answer_count BIGINT, own_sum DOUBLE"
)
OFFSETS = pa.schema(
    {"zone": pa.string(), "first_day": pa.date32(), "last_day": pa.date32(), "offset_minutes": pa.int32()}
)
HOUR_SUMS = CHANNEL_SUMS.replace("channel STRING", "hour INT")


def steps(settings: Settings, run_date: date, zone: str) -> dict[str, str]:
    """Named steps to {tried} and {hours}, over the tables of contact_preferences."""
    days = settings.preferences.answer_days
    last = run_date - timedelta(days=days)  # of later messages the answer may still come
    first = run_date - timedelta(days=settings.preferences.history_days)
    return {
        **sent_steps(run_date),
        "contacts": contacts_sql(run_date),
        **clocks.STEPS,
        "events": events_sql(settings, run_date, zone),
        "answers": f"""
            SELECT c.customer_id, c.channel, c.contacted_on, e.event_id, e.hour
            FROM (SELECT DISTINCT customer_id, channel, contacted_on FROM {{contacts}}
                  WHERE contacted_on BETWEEN DATE '{first}' AND DATE '{last}') c
            LEFT JOIN {{events}} e ON e.customer_id = c.customer_id
                 AND e.day BETWEEN c.contacted_on AND date_add(c.contacted_on, {days})""",
        "tried": """
            SELECT customer_id, channel, count(DISTINCT contacted_on) AS contact_count,
                   count(DISTINCT CASE WHEN event_id IS NOT NULL THEN contacted_on END) AS answer_count
            FROM {answers} GROUP BY customer_id, channel""",
        "hours": """
            SELECT customer_id, hour, count(DISTINCT event_id) AS answer_count
            FROM {answers} WHERE hour IS NOT NULL GROUP BY customer_id, hour""",
        "timed": "SELECT customer_id, sum(answer_count) AS trial_count FROM {hours} GROUP BY customer_id",
    }


def events_sql(settings: Settings, run_date: date, zone: str) -> str:
    """customer_id, event_id, day, hour of their day: answers and orders; no hour where only a day is told.

    Only a day is told where the instant is the very beginning of the company's business day.
    """
    company = in_query_literal(zone)
    first = run_date - timedelta(days=settings.preferences.history_days)
    between = f"BETWEEN DATE '{first}' AND DATE '{run_date}'"
    minute = "hour(e.moment) * 60 + minute(e.moment)"
    return f"""
    SELECT m.customer_id, e.event_id, e.day,
           CASE WHEN ({minute} + b.offset_minutes) % 1440 <> 0 OR second(e.moment) <> 0
                THEN CAST(({minute} + o.offset_minutes) % 1440 DIV 60 AS INT) END AS hour
    FROM (
        SELECT account_id, concat('i:', interaction_id) AS event_id, occurred_date AS day, occurred_at AS moment
        FROM {{interactions}} WHERE interaction_type IN ({in_query_listed(settings.responses)})
        AND occurred_date {between}
        UNION ALL
        SELECT account_id, concat('o:', order_id), order_date, ordered_at FROM {{orders}}
        WHERE order_type = 'sale' AND order_date {between}) e
    JOIN {{customer_map}} m ON m.account_id = e.account_id
    JOIN {{golden_customers}} g ON g.customer_id = m.customer_id
    LEFT JOIN {{clocks}} z ON z.customer_id = m.customer_id
    JOIN {{offsets}} o ON o.zone = coalesce(z.zone, {company}) AND e.day BETWEEN o.first_day AND o.last_day
    JOIN {{offsets}} b ON b.zone = {company} AND e.day BETWEEN b.first_day AND b.last_day"""


def offsets(zones: Iterable[str], first: date, last: date) -> pa.Table:
    """What clocks show at noon, as minutes of a day after UTC's (0 to 1439), by zone and stretch of days."""
    rows: list[dict[str, Any]] = []
    for zone in sorted(set(zones)):
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            at_noon = datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() or timedelta()
            minutes = int(at_noon.total_seconds() // 60) % 1440
            if number and rows[-1]["offset_minutes"] == minutes:
                rows[-1]["last_day"] = day
            else:
                rows.append({"zone": zone, "first_day": day, "last_day": day, "offset_minutes": minutes})
    return pa.Table.from_pylist(rows, OFFSETS)


def channel_sums_sql() -> str:
    """The columns of CHANNEL_SUMS."""
    return """
    SELECT channel, count(*) AS group_count, CAST(sum(contact_count) AS BIGINT) AS trial_count,
           CAST(sum(contact_count * contact_count) AS BIGINT) AS square_sum,
           CAST(sum(answer_count) AS BIGINT) AS answer_count,
           sum(CAST(answer_count * answer_count AS DOUBLE) / contact_count) AS own_sum
    FROM {tried} GROUP BY channel"""


def hour_sums_sql() -> str:
    """The columns of HOUR_SUMS; the sums over customers stand on each row."""
    return """
    SELECT h.hour, w.group_count, w.trial_count, w.square_sum, h.answer_count, h.own_sum
    FROM (SELECT h.hour, CAST(sum(h.answer_count) AS BIGINT) AS answer_count,
                 sum(CAST(h.answer_count * h.answer_count AS DOUBLE) / t.trial_count) AS own_sum
          FROM {hours} h JOIN {timed} t ON t.customer_id = h.customer_id GROUP BY h.hour) h
    CROSS JOIN (SELECT count(*) AS group_count, CAST(coalesce(sum(trial_count), 0) AS BIGINT) AS trial_count,
                       CAST(coalesce(sum(trial_count * trial_count), 0) AS BIGINT) AS square_sum FROM {timed}) w"""


def rows_sql(settings: Settings, hour_strength: float) -> str:
    """The rows of activation.contact_preferences, over {channel_priors} and {hour_priors}.

    A channel is preferred where the customer has answered by it, more surely than by others, and enough is known of
    them; of hours that nobody of theirs speaks for only the company's first may be the best.
    """
    least = settings.preferences.min_reliability
    share = f"(coalesce(o.answer_count, 0) + {hour_strength!r}D * p.share) / (t.trial_count + {hour_strength!r}D)"
    sure = f"CAST(t.trial_count AS DOUBLE) / (t.trial_count + {hour_strength!r}D)"
    return f"""
    SELECT r.customer_id, r.channel, r.contact_count, r.answer_count, r.answer_rate, r.reliability,
           r.answer_count > 0 AND r.reliability >= {least!r} AND r.turn = 1 AS is_preferred,
           CASE WHEN b.reliability >= {least!r} THEN b.hour END AS preferred_hour,
           coalesce(b.reliability, 0.0) AS hour_reliability
    FROM (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY answer_rate DESC, channel) AS turn
        FROM (SELECT t.customer_id, t.channel, t.contact_count, t.answer_count,
                     (t.answer_count + p.strength * p.rate) / (t.contact_count + p.strength) AS answer_rate,
                     t.contact_count / (t.contact_count + p.strength) AS reliability
              FROM {{tried}} t JOIN {{channel_priors}} p ON p.channel = t.channel) rated) r
    LEFT JOIN (
        SELECT customer_id, hour, reliability FROM (
            SELECT t.customer_id, p.hour, {sure} AS reliability,
                   row_number() OVER (PARTITION BY t.customer_id ORDER BY {share} DESC, p.hour) AS turn
            FROM {{timed}} t JOIN {{hour_priors}} p ON true
            LEFT JOIN {{hours}} o ON o.customer_id = t.customer_id AND o.hour = p.hour
            WHERE o.hour IS NOT NULL OR p.is_first) ranked
        WHERE turn = 1) b ON b.customer_id = r.customer_id"""
