"""Consent to marketing in the words of many languages."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
    money,
    one_file,
    rows_text,
)

WIDE = ["Order No", "Order Date", "Customer No", "Amount"]

BACK = {4, 9, 16}

SUM_BACK = sum(ORDERS[at].total for at in BACK)

LESS = {"total": money(TOTAL - 2 * SUM_BACK)}

CONSENTS = {
    "fr": ("Consentement marketing", "Oui", "Non"),
    "it": ("Consenso marketing", "Sì", "No"),
    "pt": ("Aceita newsletter", "Sim", "Não"),
    "pl": ("Zgoda marketingowa", "Tak", "Nie"),
    "nl": ("Nieuwsbrief", "Ja", "Nee"),
    "sv": ("Nyhetsbrev", "Ja", "Nej"),
    "ja": ("メルマガ購読", "はい", "いいえ"),
    "ko": ("마케팅 수신동의", "예", "아니오"),
    "ru": ("Согласие на рассылку", "Да", "Нет"),
    "tr": ("E-bülten izni", "Evet", "Hayır"),
    "float": ("Accepts Marketing", "1.0", "0.0"),
    "status": ("Email subscription status", "Subscribed", "Unsubscribed"),
    "doi": ("Newsletter-Status", "bestätigt", "abgemeldet"),
    "cs": ("Souhlas s newsletterem", "ano", "ne"),
    "fi": ("Markkinointilupa", "Kyllä", "Ei"),
    "zh_tw": ("同意行銷", "是", "否"),
    "da": ("Nyhedsbrev", "Ja", "Nej"),
    "opt": ("Marketing opt-in", "Opted in", "Opted out"),
    "bool": ("email_opt_in", "TRUE", "FALSE"),
    "check": ("Newsletter", "☑", "☐"),
}


def _consent(name: str, head: str, yes: str, no: str, granted: int = 5) -> Made:
    rows = [
        [500 + at, Person(at).given, Person(at).surname, Person(at).email, yes if at % 2 else no] for at in range(10)
    ]
    return one_file(
        f"consent_{name}",
        f"{head}: {yes} / {no}",
        f"contacts_{name}.csv",
        rows_text(["Customer No", "First Name", "Last Name", "Email", head], rows),
        orders=0,
        accounts=10,
        persons=10,
        granted=granted,
        opted_out=10 - granted,
    )


def _consents() -> list:
    return [lambda name=name, words=words: _consent(name, *words) for name, words in CONSENTS.items()]


def do_not() -> Made:
    return _consent("inverted", "Do Not Email", "1", "0")


def unsubscribed_at() -> Made:
    return _consent("unsubscribed_at", "Unsubscribed at", "2024-02-01 10:00:00", "")


def consent_date() -> Made:
    return _consent("consent_date", "Marketing consent date", "2024-02-01", "")


def keine_werbung() -> Made:
    return _consent("keine_werbung", "Werbesperre", "Ja", "Nein")


CASES = (
    *_consents(),
    do_not,
    unsubscribed_at,
    consent_date,
    keine_werbung,
)
