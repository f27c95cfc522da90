"""silver.customers and silver.consents, where a file says something about people."""

from lakehouse.authoring.proposal.looks import PERSONAL
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, TargetPlan
from lakehouse.authoring.proposal.registers import refuses_by_name
from lakehouse.authoring.proposal.values import NO, YES, Values

LONGEST_YES = 5  # letters: yes, false and their like in other languages say nothing of what they answer


def customers(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.customers, and consents."""
    known = [role for role in PERSONAL if plan.has(role) and not (role == "city" and plan.has("store_id"))]
    customer = plan.customer
    if customer is None or not known:
        return []
    name, is_email = customer
    key = plan.read.account(name, is_email)
    values = plan.values[name]
    group = [key] if has_facts or values.distinct < values.filled else []
    columns = {role: _column(plan, role, group) for role in known}
    _rounded(plan)
    if group and values.distinct < values.filled:
        plan.notes.find(f"several rows of one {name} are put together: of each column the value that most rows have")
    targets = [TargetPlan("silver.customers", columns, where=f"{key} IS NOT NULL", group_by=group)]
    if len(plan.sample.names) == 1 and not refuses_by_name(plan):
        plan.notes.ask(f"{plan.sample.path.name} has {name} alone: do these people want mail, or do they refuse it?")
    return [*targets, *_consents(plan, key, group, has_facts)]


def _answers(plan: Plan) -> bool:
    """Whether a column tells yes from no person by person; a day on which all joined or left tells nothing."""
    return any(_tells(role, plan.values[plan.roles[role]]) for role in ("consent", "opt_out") if plan.has(role))


def _tells(role: str, values: Values) -> bool:
    is_partly = values.filled < values.rows
    return role == "opt_out" and is_partly if values.is_date else len(values.counts) + is_partly > 1


def _refusals(plan: Plan, key: str, group: list[str]) -> TargetPlan:
    """A register of who wants no mail or calls: every row refuses."""
    plan.notes.ask(
        f"{plan.sample.path.name} is taken as a register of people who refuse marketing: all "
        f"{plan.sample.row_count:,} rows refuse; is that so?"
    )
    columns = {"purpose": "'marketing'", "is_granted": "bool_and(false)" if group else "false"}
    if day := next((plan.roles[role] for role in ("opt_out", "date") if role in plan.roles), ""):
        moment = plan.read.moment(day)[0] if plan.values[day].is_date else ""
        columns |= {"recorded_at": f"max({moment})" if group else moment} if moment else {}
    return TargetPlan("silver.consents", columns, where=f"{key} IS NOT NULL", group_by=group)


def _column(plan: Plan, role: str, group: list[str]) -> str:
    name = plan.roles[role]
    sql = plan.read.day(name) if role == "birth_date" else plan.read.text(name)
    if plan.values[name].rounded:
        sql = f"somebody({plan.read.column(name)})"
    return f"most_frequent({sql})" if group else sql


def _rounded(plan: Plan) -> None:
    for role in ("customer_id", "phone", "postcode", "national_id"):
        name = plan.roles.get(role)
        if name and (count := plan.values[name].rounded):
            instead = plan.customer[0] if plan.customer and role == "customer_id" else "nothing"
            plan.notes.ask(
                f"{count:,} values of {name} were rounded by a spreadsheet (1.23457E+11): they are left out"
                + (f", and {instead} is the key" if role == "customer_id" else "")
                + "; get the file without opening it in a spreadsheet"
            )


def _consents(plan: Plan, key: str, group: list[str], has_facts: bool) -> list[TargetPlan]:
    if not has_facts and refuses_by_name(plan) and not _answers(plan):
        return [_refusals(plan, key, group)]
    role = "consent" if plan.has("consent") else "opt_out" if plan.has("opt_out") else ""
    if not role:
        return []
    name = plan.roles[role]
    values, column = plan.values[name], plan.read.column(name)
    lone = len(values.counts) == 1 and values.filled < values.rows and not group
    refused = _refused(plan) if role == "consent" else ""
    if values.is_date:
        return _on_a_day(plan, role, key, group, refused)
    granted = f"coalesce(yes({column}), false)" if lone else f"yes({column})"
    granted = f"NOT {granted}" if role == "opt_out" and not speaks(values) else granted
    granted = f"{granted} AND NOT {refused}" if refused else granted
    _said(plan, role, name, lone)
    columns = {"purpose": "'marketing'", "is_granted": granted}
    is_silent = f"clean({column}) IS NULL" + (f" AND NOT {refused}" if refused else "")
    discard = {} if lone else {"never_asked": is_silent}
    if group and plan.has("date"):
        moment = plan.read.moment(plan.roles["date"], plan.roles.get("time"))[0]
        columns |= {"is_granted": f"max_by({granted}, {moment})", "recorded_at": f"max({moment})"}
    elif group:
        columns["is_granted"] = f"bool_and({granted})"
    where = f"{key} IS NOT NULL"
    return [TargetPlan("silver.consents", columns, where=where, discard=discard, group_by=group)]


def speaks(values: Values) -> bool:
    """Whether the answers say themselves what is granted: `Do not allow e-mails: Allow` grants it, `: No` does, too."""
    return any(len(word) > LONGEST_YES and word.lower() in YES | NO for word in values.counts)


def _refused(plan: Plan) -> str:
    """SQL, true or false: a column beside that of consent says no; the stricter of the two holds. '' without one."""
    name = plan.roles.get("opt_out")
    if not name:
        return ""
    values, column = plan.values[name], plan.read.column(name)
    plan.notes.find(f"who refuses by {name} has not consented, whatever {plan.roles['consent']} says")
    if values.is_date:
        given, taken_back = (plan.read.moment(plan.roles[role])[0] for role in ("consent", "opt_out"))
        is_later = (
            f" AND NOT coalesce({given} > {taken_back}, false)" if plan.values[plan.roles["consent"]].is_date else ""
        )
        return f"({plan.read.text(name)} IS NOT NULL{is_later})"
    return f"coalesce({'NOT ' if speaks(values) else ''}yes({column}), false)"


def _on_a_day(plan: Plan, role: str, key: str, group: list[str], refused: str) -> list[TargetPlan]:
    """The day of an answer: of consent where it stands there; of a refusal likewise."""
    name = plan.roles[role]
    is_given = f"{plan.read.text(name)} IS {'' if role == 'opt_out' else 'NOT '}NULL"
    moment = plan.read.moment(name)[0]
    is_granted = f"bool_{'and' if role == 'opt_out' else 'or'}({is_given})" if group else is_given
    if refused:
        is_granted += f" AND NOT {f'bool_or({refused})' if group else refused}"
    columns = {"purpose": "'marketing'", "is_granted": is_granted}
    columns |= {"recorded_at": f"max({moment})" if group else moment}
    what = "a refusal of marketing" if role == "opt_out" else "consent to marketing"
    plan.notes.ask(f"{name} is taken as the day of {what}; without one there is none: is that so?")
    return [TargetPlan("silver.consents", columns, where=f"{key} IS NOT NULL", group_by=group)]


def _said(plan: Plan, role: str, name: str, lone: bool) -> None:
    words = plan.values[name].counts
    unknown = [word for word in words if word.lower() not in YES | NO]
    if role == "opt_out" and speaks(plan.values[name]):
        plan.notes.ask(f"{name}: {some(w for w in words if w.lower() in YES) or 'no row'} is taken as consent: is it?")
    elif role == "opt_out":
        plan.notes.find(f"{name} is an objection: {some(w for w in words if w.lower() in YES)} means no consent")
    elif lone:
        plan.notes.find(f"{name}: {some(words)} is consent to marketing, an empty cell is none")
    else:
        plan.notes.find(
            f"{name} is consent to marketing: {some(w for w in words if w.lower() in YES) or 'no row'} grants it"
        )
    if unknown:
        plan.notes.ask(f"{name} has {some(unknown)}, neither yes nor no: such rows wait in quarantine")
