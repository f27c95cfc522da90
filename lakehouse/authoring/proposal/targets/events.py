"""silver.interactions and silver.feedback: what customers did and said."""

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


def _number(plan: Plan) -> str:
    """A column that numbers events: another value on each row."""
    from lakehouse.authoring.proposal.column_forms import plain

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
