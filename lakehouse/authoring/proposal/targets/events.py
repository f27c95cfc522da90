"""silver.interactions and silver.feedback: what customers did and said."""

import re

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.plan import Plan, TargetPlan
from lakehouse.authoring.proposal.targets.amounts import when

NUMBERS = ("event_id", "interaction_id", "message_id", "activity_id", "id", "uuid")


def interactions(plan: Plan) -> TargetPlan:
    """silver.interactions from events: name, time, account."""
    columns = {"interaction_type": plan.read.text(plan.roles["event"]), **_renamed(when(plan), "occurred")}
    number = _number(plan)
    if number:
        columns = {"interaction_id": f"concat('{plan.channel}:', {plan.read.key(number)})", **columns}
    plan.notes.find(f"each row is an event: {plan.roles['event']}, at {plan.roles['date']}")
    return TargetPlan("silver.interactions", columns)


HELPDESK = re.compile(
    r"subject|priority|requester|assignee|agent|resolved_at|solved_at|first_response|betreff|prioritaet|bearbeiter|sujet"
    r"|priorite|asunto|prioridad|oggetto|主题|优先级|受理人"
)
FEWEST_WORDS = 2


def is_helpdesk(plan: Plan) -> bool:
    """Whether the rows are questions of customers with who answers them, and nothing that was sold."""
    words = [name for name in plan.sample.names if HELPDESK.fullmatch(plain(name))]
    sold = ("product_id", "product_name", "quantity", "unit_price")
    return (
        len(words) >= FEWEST_WORDS and plan.has("date") and plan.customer is not None and not any(map(plan.has, sold))
    )


def tickets(plan: Plan) -> TargetPlan:
    """silver.interactions from a help desk's tickets."""
    columns = {"interaction_type": "'ticket'", **_renamed(when(plan), "occurred")}
    if plan.has("order_id"):
        number = plan.read.key(plan.roles["order_id"])
        columns = {"interaction_id": f"concat('{plan.channel}:', {number})", **columns}
    plan.notes.ask("each row is taken as a customer's question to a help desk, not as a sale: is that so?")
    return TargetPlan("silver.interactions", columns)


def _number(plan: Plan) -> str:
    """A column that numbers events: another value on each row."""
    unique = [
        name for name, values in plan.values.items() if values.distinct == values.rows > 1 and plain(name) in NUMBERS
    ]
    return unique[0] if unique else ""


def feedback(plan: Plan) -> TargetPlan:
    """silver.feedback from ratings."""
    columns = {"rating": plan.read.number(plan.roles["rating"])}
    if plan.has("review"):
        columns["text"] = plan.read.text(plan.roles["review"])
    return TargetPlan("silver.feedback", {**columns, **_renamed(when(plan), "given")})


def _renamed(columns: dict[str, str], stem: str) -> dict[str, str]:
    return {f"{stem}_{name.split('_')[1]}": sql for name, sql in columns.items()}
