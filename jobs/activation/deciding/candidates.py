"""Tonight's candidates for a message: members of audiences, occasions of triggers that are still acted upon, offers."""

from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa

from jobs.activation.contact import clocks
from jobs.activation.contact.rules import ALLOWED, sent_steps
from jobs.activation.deciding.offered import RETENTION_HOLDOUT, offers_sql
from jobs.activation.occasions import passing
from jobs.activation.occasions.firing import audience_members_sql, control_share
from jobs.activation.settings.audiences import Audience, Message
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.offers import Offer
from jobs.activation.settings.triggers import Trigger
from lakehouse.sql.literal import in_query_literal

NAMES = pa.schema(
    {
        "kind": pa.string(),
        "name": pa.string(),
        "version": pa.string(),
        "purpose": pa.string(),
        "content": pa.string(),
        "lift": pa.float64(),
        "added_cost": pa.float64(),
        "priority": pa.int32(),
        "cool_down_days": pa.int32(),
        "needs_consent": pa.bool_(),
        "control_share": pa.float64(),
        "universal_share": pa.float64(),
    }
)
USUAL = (
    "1.0D AS weight, CAST(NULL AS DOUBLE) AS given_value, CAST(NULL AS DOUBLE) AS given_cost, false AS is_left_alone"
)
CHANNELS = pa.schema({"channel": pa.string(), "channel_cost": pa.float64()})
ANSWER = (
    "kind STRING, name STRING, occasion STRING, customer_id STRING, channel STRING, account_id STRING, "
    "item STRING, why STRING, value DOUBLE, cost DOUBLE, priority INT, needs_consent BOOLEAN, state STRING, "
    "rule STRING, told STRING, zone STRING, preferred_hour INT"
)


def names(kind: str, messages: Mapping[str, Message], policy: Policy) -> list[dict[str, object]]:
    """What decides the value of each message."""
    return [
        {
            "kind": kind,
            "name": name,
            "version": m.version,
            "purpose": m.purpose,
            "content": m.content,
            "lift": m.expected_lift,
            "added_cost": m.added_cost,
            "priority": m.priority,
            "cool_down_days": m.cool_down_days,
            "needs_consent": policy.purposes[m.purpose].needs_consent,
            "control_share": control_share(m, policy),
            "universal_share": policy.holdout.universal_share,
        }
        for name, m in messages.items()
    ]


def channels(policy: Policy) -> pa.Table:
    """What a message costs by each channel."""
    return pa.Table.from_pylist([{"channel": n, "channel_cost": c.cost} for n, c in policy.channels.items()], CHANNELS)


def steps(
    audiences: Mapping[str, Audience],
    triggers: Mapping[str, Trigger],
    offers: Mapping[str, Offer],
    policy: Policy,
    run_date: date,
) -> dict[str, str]:
    """Named steps to {candidates}, over the tables of decisions."""
    return {
        **sent_steps(run_date),
        "former": former_sql(),
        "members": audience_members_sql(audiences, policy, run_date),
        "occasions": occasions_sql(triggers, run_date),
        "offers": offers_sql(offers, policy, run_date),
        "wanted": f"""
            SELECT 'audience' AS kind, name, customer_id, '' AS occasion, CAST(NULL AS STRING) AS account_id,
                   CAST(NULL AS STRING) AS item, is_held_out, concat('in segment ', segment) AS why, {USUAL}
            FROM {{members}}
            UNION ALL
            SELECT 'trigger', name, customer_id, occasion, account_id, item, is_held_out, why, {USUAL}
            FROM {{occasions}}
            UNION ALL
            SELECT 'offer', name, customer_id, '', CAST(NULL AS STRING), item, is_held_out, why, weight, given_value,
                   given_cost, is_left_alone FROM {{offers}}""",
        "company": """
            SELECT coalesce(CAST(sum(spend) AS DOUBLE) / nullif(CAST(sum(order_count) AS DOUBLE), 0), 0.0) AS mean_order
            FROM {customer_profile}""",
        **clocks.STEPS,
        "placed": passing.placed_sql("wanted"),
    }


def former_sql() -> str:
    """kind, name, customer_id, occasion, chosen_on: messages of other nights, under the ids of tonight; over {sent}."""
    return """
    SELECT kind, name, customer_id, occasion, max(run_date) AS chosen_on FROM {sent}
    GROUP BY kind, name, customer_id, occasion"""


def occasions_sql(triggers: Mapping[str, Trigger], run_date: date) -> str:
    """Firings that are still valid and that no message has answered, under the ids of tonight."""
    parts = [
        f"""SELECT f.trigger AS name, m.customer_id, f.occasion, min(f.account_id) AS account_id, min(f.item) AS item,
            bool_or(f.is_held_out) AS is_held_out, min(f.evidence) AS why
        FROM {{trigger_firings}} f JOIN {{customer_map}} m ON f.account_id = m.account_id
        WHERE f.trigger = {in_query_literal(name)} AND f.fired_on <= DATE '{run_date}'
        AND f.fired_on > DATE '{run_date - timedelta(days=trigger.valid_days)}'
        GROUP BY f.trigger, m.customer_id, f.occasion"""
        for name, trigger in triggers.items()
    ]
    return " UNION ALL ".join(parts) or (
        "SELECT trigger AS name, customer_id, occasion, account_id, item, is_held_out, evidence AS why "
        "FROM {trigger_firings} WHERE false"
    )


def candidates_sql(run_date: date, margin_share: float) -> str:
    """The columns of ANSWER, over the steps; told: what the sentence of a rule needs.

    The control is asked last, so that it is made of just those whom the message would have gone to but for it. A
    customer's order counts with their own mean, and with the company's where they have none. A message that was sent
    for an occasion is no candidate again.
    """
    usual = f"n.lift * p.weight * coalesce(CAST(c.average_order AS DOUBLE), m.mean_order) * {margin_share!r}"
    value = f"coalesce(p.given_value, {usual})"
    cost = "coalesce(h.channel_cost, 0.0) + n.added_cost + coalesce(p.given_cost, 0.0)"
    cooling = f"f.chosen_on > date_sub(DATE '{run_date}', n.cool_down_days)"
    return f"""
    SELECT p.kind, p.name, p.occasion, p.customer_id, coalesce(p.channel, 'none') AS channel,
           coalesce(p.reached_account_id, p.account_id, g.first_account_id) AS account_id,
           p.item, p.why, {value} AS value, {cost} AS cost, n.priority, n.needs_consent,
           CASE WHEN p.rule = 'universal_holdout' THEN 'held_out'
                WHEN p.rule <> '{ALLOWED}' THEN 'not_allowed'
                WHEN p.is_left_alone THEN 'held_out'
                WHEN p.kind <> 'trigger' AND {cooling} THEN 'cool_down'
                WHEN n.needs_consent AND {value} <= {cost} THEN 'no_value'
                WHEN p.is_held_out THEN 'held_out'
                ELSE 'candidate' END AS state,
           CASE WHEN p.rule = '{ALLOWED}' AND p.is_left_alone THEN '{RETENTION_HOLDOUT}'
                WHEN p.rule = '{ALLOWED}' AND p.is_held_out THEN 'control' ELSE p.rule END AS rule,
           CASE WHEN p.rule <> '{ALLOWED}' THEN coalesce(p.rule_reason, 'none of its channels reaches the customer')
                WHEN p.is_left_alone THEN 'left alone on purpose, so that actions against leaving can be measured'
                WHEN p.kind <> 'trigger' AND {cooling} THEN concat('had this message on ', CAST(f.chosen_on AS STRING),
                     ', and not again within ', CAST(n.cool_down_days AS STRING), ' days')
                WHEN p.is_held_out THEN 'in its control, which is left alone for comparison'
                ELSE p.rule_reason END AS told,
           z.zone, CAST(v.preferred_hour AS INT) AS preferred_hour
    FROM {{placed}} p JOIN {{names}} n ON n.kind = p.kind AND n.name = p.name
    JOIN {{golden_customers}} g ON g.customer_id = p.customer_id
    CROSS JOIN {{company}} m
    LEFT JOIN {{clocks}} z ON z.customer_id = p.customer_id
    LEFT JOIN {{customer_profile}} c ON c.customer_id = p.customer_id
    LEFT JOIN {{channels}} h ON h.channel = p.channel
    LEFT JOIN (SELECT customer_id, max(preferred_hour) AS preferred_hour FROM {{contact_preferences}}
               GROUP BY customer_id) v ON v.customer_id = p.customer_id
    LEFT JOIN {{former}} f ON f.kind = p.kind AND f.name = p.name AND f.customer_id = p.customer_id
          AND f.occasion = p.occasion
    WHERE NOT (p.kind = 'trigger' AND f.chosen_on IS NOT NULL)"""
