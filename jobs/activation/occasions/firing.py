"""Which occasions fire tonight: each once for a customer, whatever night, replay or merge brings it again."""

from collections.abc import Mapping
from datetime import date

from jobs.activation.contact.rules import open_complaints_sql
from jobs.activation.occasions import kinds
from jobs.activation.occasions.definitions import LANGUAGE
from jobs.activation.settings.audiences import Audience, Message
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.triggers import Trigger
from lakehouse.sql.hashed_share import held_out_sql
from lakehouse.sql.literal import in_query, in_query_listed, in_query_literal

NOBODY = """
    SELECT '' AS name, customer_id, customer_id AS account_id, '' AS occasion, CAST(NULL AS DATE) AS occasion_date,
    CAST(NULL AS DATE) AS occasion_until, '' AS item, '' AS evidence, false AS is_held_out
    FROM {golden_customers} WHERE false"""


def control_share(message: Message, policy: Policy) -> float:
    """The share of a message's control; one that needs no consent has none unless it says so."""
    if message.holdout_share is not None:
        return message.holdout_share
    return policy.holdout.default_share if policy.purposes[message.purpose].needs_consent else 0.0


def control_sql(name: str, message: Message, policy: Policy, customer_id: str) -> str:
    """Whether a customer is in the control of a message."""
    return held_out_sql(policy.holdout.salt, name, control_share(message, policy), customer_id)


def meant_sql(message: Message, customer_id: str, run_date: date) -> str:
    """The conditions that audiences and triggers have in common, to follow a WHERE."""
    parts = []
    if message.when:
        condition = in_query(LANGUAGE.in_spark(message.when, run_date))
        parts.append(
            f"EXISTS (SELECT 1 FROM {{customer_profile}} customer_profile "
            f"WHERE customer_profile.customer_id = {customer_id} AND ({condition}))"
        )
    if message.not_in:
        parts.append(
            f"NOT EXISTS (SELECT 1 FROM {{segments}} x WHERE x.customer_id = {customer_id} "
            f"AND x.segment IN ({in_query_listed(message.not_in)}))"
        )
    return "".join(f" AND {part}" for part in parts)


def audience_members_sql(audiences: Mapping[str, Audience], policy: Policy, run_date: date) -> str:
    """name, customer_id, segment, is_held_out: who is meant by each audience."""
    parts = [
        f"""SELECT {in_query_literal(name)} AS name, s.customer_id, min(s.segment) AS segment,
        {control_sql(name, audience, policy, "s.customer_id")} AS is_held_out
        FROM {{segments}} s WHERE s.segment IN ({in_query_listed(audience.in_segments)})
        {meant_sql(audience, "s.customer_id", run_date)} GROUP BY s.customer_id"""
        for name, audience in audiences.items()
    ]
    nobody = "SELECT '' AS name, customer_id, segment, false AS is_held_out FROM {segments} WHERE false"
    return " UNION ALL ".join(parts) or nobody


def steps(triggers: dict[str, Trigger], policy: Policy, run_date: date) -> dict[str, str]:
    """Named steps to {fired}, the firings of tonight: kinds.COLUMNS and is_held_out."""
    named = {
        "events": kinds.events_sql(triggers, run_date),
        "open_complaints": open_complaints_sql(policy, run_date),
        "occasions": occasions_sql(triggers, policy, run_date),
        "former": former_sql(run_date),
        "fired": fired_sql(triggers, run_date),
    }
    used = {trigger.kind for trigger in triggers.values()}
    if "sequence" not in used:
        del named["events"]
    if "complaint_unanswered" not in used:
        del named["open_complaints"]
    return named


def occasions_sql(triggers: Mapping[str, Trigger], policy: Policy, run_date: date) -> str:
    """All occasions of tonight, fired before or not."""
    parts = [
        f"""SELECT o.*, {control_sql(name, trigger, policy, "o.customer_id")} AS is_held_out
        FROM ({kinds.occasions_sql(name, trigger, run_date)}) o
        WHERE o.occasion IS NOT NULL {meant_sql(trigger, "o.customer_id", run_date)}"""
        for name, trigger in triggers.items()
    ]
    return " UNION ALL ".join(parts) or NOBODY


def former_sql(run_date: date) -> str:
    """Firings of all other nights, under the ids that customers have tonight."""
    return f"""
    SELECT f.trigger AS name, m.customer_id, f.occasion, f.occasion_until, f.fired_on
    FROM {{trigger_firings}} f JOIN {{customer_map}} m ON f.account_id = m.account_id
    WHERE f.fired_on <> DATE '{run_date}'"""


def fired_sql(triggers: Mapping[str, Trigger], run_date: date) -> str:
    """One occasion a night and trigger of each customer, which has not fired, and is not within the cool-down."""
    cases = " ".join(f"WHEN {in_query_literal(name)} THEN {t.cool_down_days}" for name, t in triggers.items())
    days = f"CASE o.name {cases} ELSE 0 END" if cases else "0"
    return f"""
    SELECT {", ".join(kinds.COLUMNS)}, is_held_out FROM (
        SELECT o.*, row_number() OVER (PARTITION BY o.name, o.customer_id
                                       ORDER BY o.occasion_date DESC, o.occasion) AS place
        FROM {{occasions}} o
        WHERE NOT EXISTS (
            SELECT 1 FROM {{former}} f WHERE f.name = o.name AND f.customer_id = o.customer_id
            AND f.occasion = o.occasion AND (f.occasion_until IS NULL OR o.occasion_date <= f.occasion_until))
        AND NOT EXISTS (
            SELECT 1 FROM {{former}} f WHERE f.name = o.name AND f.customer_id = o.customer_id
            AND abs(datediff(f.fired_on, DATE '{run_date}')) < {days})) placed
    WHERE place = 1"""
