"""Who is subscribed, in lists whose columns are not called so: logs of opt-ins, states and days of subscribers."""

import re
from collections.abc import Mapping

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.looks import personal_kind
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import NO, YES, Values

SOLD = ("total", "gross", "amount", "net", "subtotal", "unit_price", "quantity")
ACTIONS = re.compile(
    r"(\w+_)?(action|event|activity|change|status|state|type|kind|aktion|ereignis|statut|estado|stato|操作|状态)(_\w+)?"
)
SAID = 5  # letters of an answer that says itself what was done


def log_of_consents(roles: Mapping[str, str], sample: Sample, values: Mapping[str, Values]) -> str:
    """The column of a log in which people opt in and out, row by row; '' elsewhere."""
    is_log = "date" in roles and ("email" in roles or "customer_id" in roles)
    if not is_log or any(role in roles for role in ("consent", "opt_out", *SOLD)):
        return ""
    for name in sample.names:
        is_said = values[name].kind == "flag" and all(len(word) > SAID for word in values[name].counts)
        if is_said and name != roles["date"] and ACTIONS.fullmatch(plain(name)):
            return name
    return ""


LEFT_OR_JOINED = """
unsubscribed subscribed unconfirmed non-subscribed nonsubscribed cleaned opted_in opted_out opted-in opted-out
abgemeldet abonniert désabonné abonné disiscritto iscritto suscrito uitgeschreven afgemeld wypisany
"""  # what only lists of subscribers say of a person
OTHER_WAYS = re.compile(r"sms|phone|push|whatsapp|call|post")
STANDS = frozenset(LEFT_OR_JOINED.split())


def subscriptions(roles: Mapping[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """The column of a list of people whose words say who is subscribed and who is not, whatever it is called."""
    key = roles.get("customer_id")
    has_mails = "email" in roles or (key is not None and personal_kind(values[key]) == "email")
    if not has_mails or "consent" in roles or any(role in roles for role in (*SOLD, "event")):
        return {}
    taken = {column for role, column in roles.items() if role != "status"}
    for name in sample.names:
        words = {word.lower() for word in values[name].counts}
        is_mail = name not in taken and not OTHER_WAYS.search(plain(name))
        if is_mail and len(words) > 1 and words <= YES | NO and words & STANDS:
            return {"consent": name}
    return {}


MAILINGS = re.compile(
    r"newsletter|empfaenger|subscriber|recipient|mailing|verteiler|abonn|iscritt|suscri|boletin|bounce"
)
ON = r"(_(am|at|on|le|el|il|op|date|time))?"
JOINED = re.compile(r"(aktiviert|activated|active|attivato|activado|geactiveerd)" + ON)
LEFT = re.compile(r"(deaktiviert|deactivated|desactive|disattivato|desactivado|gedeactiveerd)" + ON)


def membership_days(roles: Mapping[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """In a newsletter's list, by its name or its bounces: when addresses were activated and deactivated."""
    names = {name: plain(name) for name in sample.names if name not in roles.values()}
    is_mailing = any(MAILINGS.search(text) for text in (plain(sample.path.stem), *map(plain, sample.names)))
    if not is_mailing or "email" not in roles or "consent" in roles or "opt_out" in roles:
        return {}
    joined = [name for name, text in names.items() if JOINED.fullmatch(text) and values[name].is_date]
    left = [name for name, text in names.items() if LEFT.fullmatch(text) and values[name].is_date]
    return {"consent": joined[0], "opt_out": left[0]} if joined and left else {}
