"""Columns about people that nothing uses: who is gone, who wants to hear from us, answers that differ."""

import re

from lakehouse.authoring.proposal.column_forms import forms, plain
from lakehouse.authoring.proposal.meanings import is_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.roles import NAMES
from lakehouse.authoring.proposal.values import NO, YES, Values

WAYS = re.compile(
    r"(contact|communication|kontakt|marketing)_?(preferences?|permissions?|channels?|methods?|wunsch|praeferenz\w*)"
    r"|(allowed|permitted|agreed)_(contact_)?(channels?|ways|media)|(contact_)?(channels?|ways|media)_(allowed|permitted|agreed|ok)"
    r"|preferred_(contact|channels?|method)\w*|preferences?_de_contact\w*|preferencias?_de_contacto|沟通偏好|联系偏好"
)
LEFT = re.compile(
    r"austritt|kuendig|gekuendigt|delet|clos|left|leav|deactivat|terminat|resili|baja|cancel|disattiv|注销|退会"
)


def about_people(plan: Plan, name: str, has_orders: bool) -> str:
    """What a column that nothing uses may say about people, as a question; '' where nothing."""
    values = plan.values[name]
    if not has_orders and _says_who_is_gone(name, values):
        gone = "is some of these people gone? Then say so at the target, as a condition: `deleted:`"
        return f"({shown(values)}) is not used: {gone}"
    if not has_orders and _may_be_an_answer(plan, values):
        return f"is a day on {values.filled:,} of {values.rows:,} rows and not used: of consent?"
    if WAYS.fullmatch(plain(name)):
        return f"({shown(values)}) is not used: does it say who wants to hear from us, and how?"
    if not has_orders and values.kind == "flag":
        return f"is yes or no ({shown(values)}) and not used: is it consent to marketing?"
    is_answered = plan.has("consent") or plan.has("opt_out") or plan.has("event")
    if not has_orders and not is_answered and _has_two_answers(plan, values) and not PLAIN_PAIRS.search(plain(name)):
        return f"has two answers ({shown(values)}) and is not used: is it consent to marketing?"
    return ""


OTHER_CHANNELS = re.compile(r"sms|phone|telefon|call|anruf|post|brief|mailing_address|push|whatsapp|fax|print|app(_|$)")


def says_otherwise(plan: Plan, name: str) -> bool:
    """Whether a second answer about e-mail is no where the one that is used is yes, or the other way round."""
    if OTHER_CHANNELS.search(plain(name)):
        return False
    columns = (plan.column_values(plan.roles["consent"]), plan.column_values(name))
    pairs = [[(text or "").strip().lower() for text in pair] for pair in zip(*columns, strict=True)]
    return any((a in YES and b in NO) or (a in NO and b in YES) for a, b in pairs)


PLAIN_PAIRS = re.compile(
    r"sex|gender|geschlecht|anrede|salutation|title|titel|type|typ|country|land|lang|sprache|idioma|source|quelle|origin|currency|segment"
    r"|tier|level|group|gruppe|class|category|channel|owner|性别|性別|성별|пол"
)


def _has_two_answers(plan: Plan, values: Values) -> bool:
    """Whether people have one of two or three words there: an answer in a language that nobody told us."""
    few = values.kind == "text" and 1 < len(values.counts) <= MOST_ANSWERS
    return few and values.filled > MOSTLY * values.rows and values.rows >= FEWEST_PEOPLE


MOST_ANSWERS = 3
MOSTLY = 0.6
FEWEST_PEOPLE = 5


def _may_be_an_answer(plan: Plan, values: Values) -> bool:
    """Whether some people have a day there, in a list without a column that says who agreed."""
    return values.is_date and 0 < values.filled < values.rows and not (plan.has("consent") or plan.has("opt_out"))


def _says_who_is_gone(name: str, values: Values) -> bool:
    """Whether a person's status, or the day on which they left, stands there."""
    if values.is_date:
        return bool(LEFT.search(plain(name))) and 0 < values.filled < values.rows
    is_status = any(re.fullmatch(words, form) for words in NAMES["status"] for form in forms(name))
    return is_status and may_tell("status", values)


def may_tell(role: str, values: Values) -> bool:
    """A single word on all rows changes nothing; many different ones are no kinds; zeros give nothing back."""
    if role == "refunded":
        return values.is_number and values.high > 0
    is_beside_none = values.filled < values.rows and not all(is_word(word, "counted") for word in values.counts)
    kinds = len(values.counts) + is_beside_none  # no word at all says something beside one
    return 1 < kinds <= MOST_WORDS and values.filled > 0


MOST_WORDS = 12


def shown(values: Values) -> str:
    """Some of a column's words."""
    return some(values.counts or values.seen, 6)
