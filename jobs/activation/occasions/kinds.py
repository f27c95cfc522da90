"""Each kind of trigger as SQL: who has which occasion tonight.

A query gives name, customer_id, account_id, occasion, occasion_date, occasion_until, item, evidence. An occasion's
words stay the same over nights, replays and merges of customers, and in whatever order files arrive.
"""

from datetime import date, timedelta

from jobs.activation.settings.triggers import Event, Trigger
from lakehouse.sql.literal import in_query_listed, in_query_literal

COLUMNS = ("name", "customer_id", "account_id", "occasion", "occasion_date", "occasion_until", "item", "evidence")
NO_DATE, NO_ITEM = "CAST(NULL AS DATE)", "CAST(NULL AS STRING)"
TABLES_OF = {
    "sequence": ("orders", "interactions", "feedback"),
    "silence": ("life_cycle",),
    "item_due": ("due_now",),
    "life_cycle_move": ("life_cycle", "life_cycle_history"),
    "complaint_unanswered": ("interactions", "feedback"),
    "points_expire": ("loyalty_balances",),
}


def occasions_sql(name: str, trigger: Trigger, run_date: date) -> str:
    """The occasions of one trigger that are still acted upon, over the lake's tables and {events}."""
    kinds = {
        "sequence": _sequence,
        "silence": _silence,
        "item_due": _item_due,
        "life_cycle_move": _life_cycle_move,
        "complaint_unanswered": _complaint,
        "points_expire": _points_expire,
    }
    valid_from = run_date - timedelta(days=trigger.valid_days - 1)
    sql = kinds[trigger.kind](trigger, run_date)
    return f"""
    SELECT {in_query_literal(name)} AS name, customer_id, account_id, occasion, occasion_date, occasion_until, item,
           evidence
    FROM ({sql}) found WHERE occasion_date BETWEEN DATE '{valid_from}' AND DATE '{run_date}'"""


def events_sql(triggers: dict[str, Trigger], run_date: date) -> str:
    """customer_id, account_id, event, channel, event_id, event_date: as far back as the sequences look."""
    sequences = [t for t in triggers.values() if t.sequence is not None]
    longest = max((t.sequence.within_days + t.valid_days for t in sequences if t.sequence), default=0)
    first = run_date - timedelta(days=longest)
    of_order = "CASE WHEN o.order_type = 'sale' THEN 'order' ELSE 'refund' END"
    between = f"BETWEEN DATE '{first}' AND DATE '{run_date}'"
    return f"""
    SELECT m.customer_id, e.account_id, e.event, e.channel, e.event_id, e.event_date FROM (
        SELECT o.account_id, {of_order} AS event, o.channel, o.order_id AS event_id, o.order_date AS event_date
        FROM {{orders}} o WHERE o.order_date {between}
        UNION ALL
        SELECT account_id, interaction_type, channel, interaction_id, occurred_date FROM {{interactions}}
        WHERE occurred_date {between}
        UNION ALL
        SELECT account_id, 'feedback', channel, feedback_id, given_date FROM {{feedback}}
        WHERE given_date {between}) e JOIN {{customer_map}} m ON e.account_id = m.account_id"""


def _is(event: Event, alias: str) -> str:
    channel = f" AND {alias}.channel = {in_query_literal(event.channel)}" if event.channel else ""
    return f"{alias}.event = {in_query_literal(event.event)}{channel}"


def _sequence(trigger: Trigger, run_date: date) -> str:
    """An event, and within so many days no other: the occasion is the day of the first event, known when they are over.

    Of what is known to the day alone, what happened on the same day counts as having followed.
    """
    what = trigger.sequence
    assert what is not None
    days = what.within_days

    between = f"date_add(a.event_date, {what.from_days}) AND date_add(a.event_date, {days})"

    def followed(event: Event) -> str:
        return f"""EXISTS (SELECT 1 FROM {{events}} b WHERE b.customer_id = a.customer_id AND b.event_id <> a.event_id
            AND b.event_date BETWEEN {between} AND {_is(event, "b")})"""

    then = f"AND {followed(what.then_did)}" if what.then_did else ""
    word = in_query_literal(what.did.event)
    told = in_query_literal(f", and no {what.then_not.event} within {days} days")
    return f"""
    SELECT a.customer_id, min(a.account_id) AS account_id,
           concat({word}, ' ', CAST(a.event_date AS STRING)) AS occasion,
           CAST(date_add(a.event_date, {days}) AS DATE) AS occasion_date, {NO_DATE} AS occasion_until,
           {NO_ITEM} AS item,
           concat({word}, ' on ', CAST(a.event_date AS STRING), {told}) AS evidence
    FROM {{events}} a WHERE {_is(what.did, "a")} AND date_add(a.event_date, {days}) <= DATE '{run_date}'
    {then} AND NOT {followed(what.then_not)}
    GROUP BY a.customer_id, a.event_date"""


def _silence(trigger: Trigger, run_date: date) -> str:
    """Silent for so many of the customer's own intervals, reckoned from the last order."""
    what = trigger.silence
    assert what is not None
    days = f"greatest({what.at_least_days}, CAST(ceil({what.own_intervals!r} * l.usual_gap_days) AS INT))"
    last = "CAST(p.last_order_date AS STRING)"
    return f"""
    SELECT p.customer_id, g.first_account_id AS account_id, concat('no order since ', {last}) AS occasion,
           CAST(date_add(p.last_order_date, {days}) AS DATE) AS occasion_date, {NO_DATE} AS occasion_until,
           {NO_ITEM} AS item,
           concat('no order since ', {last}, ', {what.own_intervals:g} of the usual ',
                  CAST(round(l.usual_gap_days, 1) AS STRING), ' days') AS evidence
    FROM {{customer_profile}} p JOIN {{life_cycle}} l ON l.customer_id = p.customer_id
    JOIN {{golden_customers}} g ON g.customer_id = p.customer_id
    WHERE l.usual_gap_days IS NOT NULL AND p.last_order_date IS NOT NULL"""


def _item_due(trigger: Trigger, run_date: date) -> str:
    """The most probable due item of each customer; until it is overdue it is the same occasion."""
    what = trigger.item_due
    assert what is not None
    kinds = f"AND d.kind IN ({in_query_listed(what.kinds)})" if what.kinds else ""
    items = f"AND d.item IN ({in_query_listed(what.items)})" if what.items else ""
    return f"""
    SELECT customer_id, account_id, item AS occasion, occasion_date, due_to AS occasion_until, item, evidence FROM (
        SELECT d.customer_id, g.first_account_id AS account_id, d.item, d.due_to, d.evidence,
               greatest(d.due_from, DATE '{run_date}') AS occasion_date,
               row_number() OVER (PARTITION BY d.customer_id ORDER BY d.probability DESC, d.item) AS place
        FROM {{due_now}} d JOIN {{golden_customers}} g ON g.customer_id = d.customer_id
        WHERE d.probability >= {what.min_probability!r} AND d.due_from <= DATE '{run_date}'
        AND d.due_to >= DATE '{run_date}' {kinds} {items}) ranked
    WHERE place = 1"""


def _life_cycle_move(trigger: Trigger, run_date: date) -> str:
    """The customer came into a state; where silence makes it, the last order names the occasion."""
    what = trigger.life_cycle_move
    assert what is not None
    came = ""
    if what.came_from:
        came = f"""AND EXISTS (SELECT 1 FROM {{life_cycle_history}} h JOIN {{life_cycle_history}} b
            ON b.customer_id = h.customer_id AND b.valid_to = h.valid_from AND b.valid_to > b.valid_from
            WHERE h.customer_id = l.customer_id AND h.valid_to IS NULL AND h.state = l.state
            AND b.state IN ({in_query_listed(what.came_from)}))"""
    since = "concat('since ', CAST(l.since AS STRING))"
    last = f"coalesce(concat('after an order on ', CAST(p.last_order_date AS STRING)), {since})"
    return f"""
    SELECT l.customer_id, g.first_account_id AS account_id,
           concat(l.state, ' ', CASE WHEN l.state IN ('dormant', 'lost') THEN {last} ELSE {since} END) AS occasion,
           l.since AS occasion_date, {NO_DATE} AS occasion_until, {NO_ITEM} AS item,
           concat('became ', l.state, ' on ', CAST(l.since AS STRING), ': ', coalesce(l.reason, '')) AS evidence
    FROM {{life_cycle}} l JOIN {{golden_customers}} g ON g.customer_id = l.customer_id
    LEFT JOIN {{customer_profile}} p ON p.customer_id = l.customer_id
    WHERE l.state IN ({in_query_listed(what.to)}) {came}"""


def _complaint(trigger: Trigger, run_date: date) -> str:
    """A complaint that nothing has answered for so many days, whatever is complained of since; {open_complaints}."""
    what = trigger.complaint_unanswered
    assert what is not None
    return f"""
    SELECT customer_id, account_id, concat('complaint ', complaint_id) AS occasion,
           CAST(date_add(complained_on, {what.after_days}) AS DATE) AS occasion_date, {NO_DATE} AS occasion_until,
           {NO_ITEM} AS item,
           concat('a complaint of ', CAST(complained_on AS STRING), ' is not answered') AS evidence
    FROM {{open_complaints}}"""


def _points_expire(trigger: Trigger, run_date: date) -> str:
    """Points go within the days that loyalty.yaml warns of; until the first are gone it is the same occasion."""
    what = trigger.points_expire
    assert what is not None
    points = "CAST(b.expiring_points AS STRING)"
    return f"""
    SELECT b.customer_id, b.account_id, 'points expire' AS occasion, DATE '{run_date}' AS occasion_date,
           b.next_expires_on AS occasion_until, concat({points}, ' points') AS item,
           concat({points}, ' points go if nothing is spent, the first on ', CAST(b.next_expires_on AS STRING))
               AS evidence
    FROM {{loyalty_balances}} b
    WHERE b.expiring_points >= {what.min_points} AND b.next_expires_on > DATE '{run_date}'"""
