"""Which rule decides whether a customer may be contacted for a purpose by a channel, as steps of one query."""

from datetime import date, timedelta

from jobs.activation.settings.contact_policy import Settings
from lakehouse.sql.hashed_share import held_out_sql
from lakehouse.sql.literal import in_query_listed

FORBIDDEN = ("suppressed", "no_consent", "refused", "bounced", "minor", "open_complaint", "excluded")
IN_USE_DAYS = 7  # a destination without a run for longer is not the way by which messages go
CAPPED = ("cap", "days_between", "fatigue")
HELD_OUT, ALLOWED = "universal_holdout", "allowed"
RULES = (*FORBIDDEN, *CAPPED, HELD_OUT, ALLOWED)


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Named steps, in order, over the tables of contactability."""
    return {
        "reached": reached_sql(),
        "declared": declared_sql(),
        "suppressed": suppressed_sql(settings),
        "bounced": last_sql("bounce_types", run_date),
        "unsubscribed": last_sql("refusal_types", run_date),
        "open_complaints": open_complaints_sql(settings, run_date),
        "complaints": complaints_sql(),
        "excluded": excluded_sql(settings),
        **sent_steps(run_date),
        "contacts": contacts_sql(run_date),
        "capped": capped_sql(),
        "pressed": pressed_sql(settings, run_date),
    }


def reached_sql() -> str:
    """customer_id, channel, account_id, birth_date: where the customer has what a channel takes."""
    return """
    SELECT g.customer_id, w.channel, g.first_account_id AS account_id, g.birth_date
    FROM {golden_customers} g
    JOIN (SELECT DISTINCT channel, reached_by FROM {ways} WHERE reached_by <> 'account') w
      ON (w.reached_by = 'email' AND g.email IS NOT NULL) OR (w.reached_by = 'phone' AND g.phone IS NOT NULL)
      OR (w.reached_by = 'address' AND g.address_1 IS NOT NULL)
    UNION ALL
    SELECT g.customer_id, a.channel, min(m.account_id) AS account_id, min(g.birth_date) AS birth_date
    FROM {account_channels} a JOIN {customer_map} m ON m.channel = a.account_channel
    JOIN {golden_customers} g ON g.customer_id = m.customer_id
    GROUP BY g.customer_id, a.channel"""


def declared_sql() -> str:
    """The declaration that decides per customer, purpose and channel: of several the stricter, then the newest."""
    return """
    SELECT customer_id, purpose, channel, account_id, consent, is_granted, recorded_at, _export FROM (
        SELECT m.customer_id, f.purpose, f.channel, c.account_id, f.consent,
               coalesce(c.is_granted, false) AS is_granted, c.recorded_at, c._export,
               row_number() OVER (PARTITION BY m.customer_id, f.purpose, f.channel
                                  ORDER BY coalesce(c.is_granted, false), c.recorded_at DESC NULLS LAST,
                                           c.account_id, f.consent) AS place
        FROM {consents} c JOIN {consents_for} f ON c.purpose = f.consent
        JOIN {customer_map} m ON c.account_id = m.account_id) placed
    WHERE place = 1"""


def suppressed_sql(settings: Settings) -> str:
    """customer_id, listed_by: who is on a suppression list."""
    return f"""
    SELECT m.customer_id, min(c._export) AS listed_by
    FROM {{consents}} c JOIN {{customer_map}} m ON c.account_id = m.account_id
    WHERE c.purpose IN ({in_query_listed(settings.suppressed_by)}) AND NOT coalesce(c.is_granted, false)
    GROUP BY m.customer_id"""


def last_sql(types: str, run_date: date) -> str:
    """customer_id, channel, last_on: the last interaction of a channel's types, such as a bounce."""
    return f"""
    SELECT m.customer_id, t.channel, max(i.occurred_date) AS last_on
    FROM {{interactions}} i JOIN {{{types}}} t ON i.interaction_type = t.interaction_type
    JOIN {{customer_map}} m ON i.account_id = m.account_id
    WHERE i.occurred_date <= DATE '{run_date}' GROUP BY m.customer_id, t.channel"""


def open_complaints_sql(settings: Settings, run_date: date) -> str:
    """customer_id, complained_on, account_id, complaint_id: each complaint that nothing has answered since."""
    what = settings.complaints
    first = run_date - timedelta(days=what.open_days - 1)
    return f"""
    SELECT c.customer_id, c.complained_on, c.account_id, c.complaint_id
    FROM (
        SELECT m.customer_id, f.given_date AS complained_on, f.account_id, f.feedback_id AS complaint_id
        FROM {{feedback}} f JOIN {{customer_map}} m ON f.account_id = m.account_id
        WHERE f.rating <= {what.max_rating:g} AND f.given_date BETWEEN DATE '{first}' AND DATE '{run_date}'
        UNION ALL
        SELECT m.customer_id, i.occurred_date, i.account_id, i.interaction_id
        FROM {{interactions}} i JOIN {{customer_map}} m ON i.account_id = m.account_id
        WHERE i.interaction_type IN ({in_query_listed(what.interaction_types)})
        AND i.occurred_date BETWEEN DATE '{first}' AND DATE '{run_date}') c
    LEFT JOIN (
        SELECT m.customer_id, max(i.occurred_date) AS answered_on
        FROM {{interactions}} i JOIN {{customer_map}} m ON i.account_id = m.account_id
        WHERE i.interaction_type IN ({in_query_listed(what.answered_by)}) AND i.occurred_date <= DATE '{run_date}'
        GROUP BY m.customer_id) a ON a.customer_id = c.customer_id
    WHERE a.answered_on IS NULL OR a.answered_on < c.complained_on"""


def complaints_sql() -> str:
    """customer_id, complained_on: the newest open complaint; over {open_complaints}."""
    return "SELECT customer_id, max(complained_on) AS complained_on FROM {open_complaints} GROUP BY customer_id"


def excluded_sql(settings: Settings) -> str:
    """customer_id, segment: who is in a segment that gets nothing."""
    return f"""
    SELECT customer_id, min(segment) AS segment FROM {{segments}}
    WHERE segment IN ({in_query_listed(settings.excluded_segments)}) GROUP BY customer_id"""


def sent_steps(run_date: date) -> dict[str, str]:
    """Named steps to {sent}: our own messages of earlier nights, but for those of which receipts say that they stayed.

    Receipts speak of a night and channel where a destination took messages by it on that night or in the days before:
    then what has no receipt did not go out, be it that nobody approved it. Elsewhere, and where a mirror has the rows,
    all messages count as sent. A message that lacks a field of its destination counts, too: the next night it would
    lack it again.
    """
    return {
        "handed_over": f"""
            SELECT d.run_date, d.channel
            FROM (SELECT DISTINCT run_date, channel FROM {{decisions}} WHERE outcome = 'chosen') d
            JOIN {{delivery_runs}} r ON array_contains(r.channels, d.channel)
                 AND r.run_date BETWEEN date_sub(d.run_date, {IN_USE_DAYS}) AND d.run_date
            GROUP BY d.run_date, d.channel HAVING NOT bool_or(r.mode = 'mirror')""",
        "arrived": """
            SELECT DISTINCT run_date, account_id, kind, name FROM {deliveries}
            WHERE state <> 'skipped' OR reason LIKE 'without %'""",
        "sent": f"""
            SELECT m.customer_id, d.kind, d.name, d.occasion, d.channel, d.purpose, d.run_date
            FROM {{decisions}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
            LEFT JOIN {{handed_over}} h ON h.run_date = d.run_date AND h.channel = d.channel
            LEFT JOIN {{arrived}} a ON a.run_date = d.run_date AND a.account_id = d.account_id AND a.kind = d.kind
                 AND a.name = d.name
            WHERE d.outcome = 'chosen' AND d.run_date < DATE '{run_date}'
            AND (h.run_date IS NULL OR a.run_date IS NOT NULL)""",
    }


def contacts_sql(run_date: date) -> str:
    """customer_id, channel, purpose, contacted_on: our own messages, and sends that exports tell of; over {sent}.

    A send that comes back on the day of our own message or the day after is that message; its purpose is not known, so
    that it counts for each. Two types may tell of one send (sent, delivered): of a day the type with the most counts.
    """
    return f"""
    SELECT customer_id, channel, purpose, run_date AS contacted_on FROM {{sent}}
    UNION ALL
    SELECT customer_id, channel, CAST(NULL AS STRING), contacted_on FROM (
        SELECT DISTINCT m.customer_id, t.channel, i.occurred_date AS contacted_on, dense_rank() OVER (PARTITION BY
               m.customer_id, t.channel, i.occurred_date, i.interaction_type ORDER BY i.interaction_id) AS turn
        FROM {{interactions}} i JOIN {{contact_types}} t ON i.interaction_type = t.interaction_type
        JOIN {{customer_map}} m ON i.account_id = m.account_id
        LEFT JOIN {{sent}} own ON own.customer_id = m.customer_id AND own.channel = t.channel
         AND i.occurred_date BETWEEN own.run_date AND date_add(own.run_date, 1)
        WHERE i.occurred_date <= DATE '{run_date}' AND own.customer_id IS NULL) told"""


def capped_sql() -> str:
    """customer_id, purpose, channel, said: the first cap that is reached."""
    return """
    SELECT r.customer_id, w.purpose, w.channel, min_by(r.said, r.cap_number) AS said
    FROM (
        SELECT c.customer_id, k.cap_number, k.channel, k.purpose, k.said
        FROM {contacts} c JOIN {caps} k ON c.contacted_on > k.after
         AND (k.channel IS NULL OR k.channel = c.channel)
         AND (k.purpose IS NULL OR c.purpose IS NULL OR k.purpose = c.purpose)
        GROUP BY c.customer_id, k.cap_number, k.channel, k.purpose, k.said, k.most HAVING count(*) >= k.most) r
    JOIN {ways} w ON (r.channel IS NULL OR r.channel = w.channel) AND (r.purpose IS NULL OR r.purpose = w.purpose)
    GROUP BY r.customer_id, w.purpose, w.channel"""


def pressed_sql(settings: Settings, run_date: date) -> str:
    """customer_id, last_contact, unanswered_count: messages since the last order or other response."""
    first = run_date - timedelta(days=365)
    return f"""
    SELECT c.customer_id, max(c.contacted_on) AS last_contact,
           count(CASE WHEN c.contacted_on >= coalesce(greatest(coalesce(p.last_order_date, DATE '1900-01-01'),
                     coalesce(r.responded_on, DATE '1900-01-01')), DATE '1900-01-01') THEN 1 END) AS unanswered_count
    FROM {{contacts}} c LEFT JOIN {{customer_profile}} p ON p.customer_id = c.customer_id
    LEFT JOIN (
        SELECT m.customer_id, max(i.occurred_date) AS responded_on
        FROM {{interactions}} i JOIN {{customer_map}} m ON i.account_id = m.account_id
        WHERE i.interaction_type IN ({in_query_listed(settings.responses)}) AND i.occurred_date <= DATE '{run_date}'
        GROUP BY m.customer_id) r ON r.customer_id = c.customer_id
    WHERE c.contacted_on > DATE '{first}' GROUP BY c.customer_id"""


def contactability_sql(settings: Settings, run_date: date) -> str:
    """The rows of activation.contactability over the steps: the first rule that bites decides."""
    return f"""
    SELECT customer_id, purpose, channel, account_id, rule = '{ALLOWED}' AS is_allowed, rule,
           {_reason(settings)} AS reason,
           consent, CAST(recorded_at AS DATE) AS consent_date, _export AS consent_source
    FROM ({_ruled(settings, run_date)}) ruled"""


def _reason(settings: Settings) -> str:
    """What a rule says of a customer, in a sentence."""
    return f"""
           CASE rule
           WHEN 'suppressed' THEN concat('on the suppression list of ', listed_by)
           WHEN 'no_consent' THEN concat('never asked, or never answered, about ', purpose, ' by ', channel)
           WHEN 'refused' THEN CASE WHEN is_unsubscribed THEN concat('said no to messages by ', channel, ' on ',
                CAST(unsubscribed_on AS STRING), ', and has not agreed since') ELSE concat('refused ', consent,
                coalesce(concat(' on ', CAST(CAST(recorded_at AS DATE) AS STRING)), ''), ' (', _export, ')') END
           WHEN 'bounced' THEN concat('the address does not work: bounced on ', CAST(bounced_on AS STRING))
           WHEN 'minor' THEN concat('too young for ', purpose)
           WHEN 'open_complaint' THEN concat('a complaint of ', CAST(complained_on AS STRING), ' is not answered')
           WHEN 'excluded' THEN concat('in the excluded segment ', segment)
           WHEN 'cap' THEN said
           WHEN 'days_between' THEN concat('last contacted on ', CAST(last_contact AS STRING),
                ', and {settings.days_between} days lie between two messages')
           WHEN 'fatigue' THEN concat(CAST(unanswered_count AS STRING), ' messages without a response, the last on ',
                CAST(last_contact AS STRING))
           WHEN '{HELD_OUT}' THEN 'in the universal holdout, which is left alone for comparison'
           ELSE allowed_because END"""


def _ruled(settings: Settings, run_date: date) -> str:
    """Each way to each customer with the first rule that bites, and what that rule speaks of."""
    held_out = held_out_sql(settings.holdout.salt, "", settings.holdout.universal_share, "r.customer_id")
    since = run_date - timedelta(days=settings.days_between)
    tired = run_date - timedelta(days=settings.fatigue.days_between)
    between = f"p.last_contact > DATE '{since}'" if settings.days_between else "false"
    fatigue = f"p.unanswered_count >= {settings.fatigue.after_unanswered} AND p.last_contact > DATE '{tired}'"
    agreed = (
        "concat('agreed to ', d.consent, coalesce(concat(' on ', CAST(CAST(d.recorded_at AS DATE) AS STRING)), ''))"
    )
    unsubscribed = "u.last_on >= coalesce(CAST(d.recorded_at AS DATE), DATE '1900-01-01')"
    return f"""
        SELECT r.customer_id, w.purpose, r.channel, coalesce(d.account_id, r.account_id) AS account_id,
               CASE WHEN s.customer_id IS NOT NULL THEN 'suppressed'
                    WHEN w.needs_consent AND d.customer_id IS NULL THEN 'no_consent'
                    WHEN w.needs_consent AND (NOT d.is_granted OR {unsubscribed}) THEN 'refused'
                    WHEN b.last_on > w.bounced_after THEN 'bounced'
                    WHEN r.birth_date > w.born_until THEN 'minor'
                    WHEN w.stops_at_open_complaint AND o.customer_id IS NOT NULL THEN 'open_complaint'
                    WHEN w.needs_consent AND e.customer_id IS NOT NULL THEN 'excluded'
                    WHEN w.needs_consent AND c.customer_id IS NOT NULL THEN 'cap'
                    WHEN w.needs_consent AND {between} THEN 'days_between'
                    WHEN w.needs_consent AND {fatigue} THEN 'fatigue'
                    WHEN w.needs_consent AND {held_out} THEN '{HELD_OUT}'
                    ELSE '{ALLOWED}' END AS rule,
               d.is_granted AND coalesce({unsubscribed}, false) AS is_unsubscribed, u.last_on AS unsubscribed_on,
               s.listed_by, d.consent, d.recorded_at, d._export, b.last_on AS bounced_on, o.complained_on, e.segment,
               c.said, p.last_contact, p.unanswered_count,
               CASE WHEN w.needs_consent THEN {agreed}
                    ELSE concat(w.purpose, ' needs no consent') END AS allowed_because
        FROM {{reached}} r JOIN {{ways}} w ON w.channel = r.channel
        LEFT JOIN {{declared}} d ON d.customer_id = r.customer_id AND d.purpose = w.purpose AND d.channel = w.channel
        LEFT JOIN {{suppressed}} s ON s.customer_id = r.customer_id
        LEFT JOIN {{bounced}} b ON b.customer_id = r.customer_id AND b.channel = r.channel
        LEFT JOIN {{unsubscribed}} u ON u.customer_id = r.customer_id AND u.channel = r.channel
        LEFT JOIN {{complaints}} o ON o.customer_id = r.customer_id
        LEFT JOIN {{excluded}} e ON e.customer_id = r.customer_id
        LEFT JOIN {{capped}} c ON c.customer_id = r.customer_id AND c.purpose = w.purpose AND c.channel = w.channel
        LEFT JOIN {{pressed}} p ON p.customer_id = r.customer_id"""
