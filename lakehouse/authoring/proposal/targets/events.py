"""silver.interactions and silver.feedback: what customers did and said."""

import re

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.plan import Plan, TargetPlan
from lakehouse.authoring.proposal.second_look import POINTS
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


STANDING = re.compile(r"balance|remaining|saldo|solde|total|after|stand|余额|残高")
KINDS = {
    "expire": "expir|verfall|lapse|过期|失効",
    "burn": "redeem|redem|burn|spent|used|eingel|utilis|canje|riscatt|resgat|兑换|利用",
    "adjust": "adjust|correct|manual|korrekt|ajust|rettif|调整",
}


def points_movements(plan: Plan) -> list[TargetPlan]:
    """silver.points_movements from events that move points: what happened in our four words, and how many."""
    moved = [n for n in plan.sample.names if POINTS.fullmatch(plain(n)) and plan.values[n].is_number]
    moved = [n for n in moved if not STANDING.search(plain(n))]
    if len(moved) != 1:
        return []
    event = f"lower({plan.read.text(plan.roles['event'])})"
    words = " ".join(f"WHEN {event} RLIKE '{pattern}' THEN '{kind}'" for kind, pattern in KINDS.items())
    points = plan.read.number(moved[0])
    kind = f"CASE {words} WHEN {points} < 0 THEN 'burn' ELSE 'earn' END"
    columns = {"movement_type": kind, "points": f"CAST({points} AS BIGINT)", **_renamed(when(plan), "occurred")}
    if number := _number(plan):
        columns = {"movement_id": f"concat('{plan.channel}:', {plan.read.key(number)})", **columns}
    plan.notes.ask(
        f"{moved[0]} moves points: are earn, burn, expire and adjust told apart rightly? then name those that count "
        "under `given` in loyalty.yaml"
    )
    return [TargetPlan("silver.points_movements", columns)]


HELPDESK = re.compile(
    r"(subject|priority|requester|assignee|agent|resolved_at|solved_at|first_response|betreff|prioritaet|bearbeiter|sujet"
    r"|priorite|asunto|prioridad|oggetto|主题|优先级|受理人"
    r"|satisfaction|satisfaction_(score|comment|rating|reason)|csat(_score)?|ticket_(id|no|number))(_(name|email|e_mail|id))?"
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
