"""Kinds of documents that only the letters before their numbers tell: INV-1001 is sold, CN-1002 is given back."""

import re
from collections import Counter

from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan

LETTERS = re.compile(r"([^\W\d_]{1,6})[-_/# ]?(?=\d)")
CREDIT = """
CN CRN CRM CM CR CRED CREDIT CNOTE GS GU GUT GUTS ST STO STORNO SR RK KR KN AV AVO AVOIR NC NCR NDC ABO ABONO DEV
RET RTN REF RF RFD RMA RC KOR DBP DOB ZW JS HK TK TH
"""  # credit notes, refunds and returns in the books of many countries
GIVEN_BACK = frozenset(CREDIT.split())
MOST = 6  # kinds of letters; more are no kinds
FEWEST = 2  # documents of a kind


def letters_of(text: str | None) -> str:
    """`CN-` of `CN-1002`; '' where a number does not start with letters."""
    found = LETTERS.match((text or "").strip())
    return found.group() if found else ""


def given_back(plan: Plan, amount: str) -> str:
    """SQL for a document that its letters call a credit note, where amounts stand above zero on all; '' for none.

    Other letters beside each other are asked for: they may be offers or credit notes, too.
    """
    name = plan.roles.get("order_id", "")
    texts = plan.column_values(name) if name else []
    counts = Counter(letters_of(text) for text in texts if text and text.strip())
    if not FEWEST <= len(counts) <= MOST or any(number < 0 for number in plan.numbers(amount) if number is not None):
        return ""
    back = [letters for letters in counts if re.sub(r"\W", "", letters).upper() in GIVEN_BACK]
    back = [letters for letters in back if not any(other != letters and other.startswith(letters) for other in counts)]
    sold = [letters or "no letters" for letters in counts if letters not in back]
    if back and sold and sum(counts[letters] for letters in back) < sum(counts.values()) / 2:
        plan.notes.ask(
            f"{name}: numbers with {some(back)} ({sum(counts[b] for b in back):,} rows) are taken as given back, those "
            f"with {some(sold)} as sold: is that so?"
        )
        column = plan.read.column(name)
        return " OR ".join(f"coalesce(trim({column}) LIKE '{letters}%', false)" for letters in back)
    if all(counts[letters] >= FEWEST for letters in counts) and not _is_place(plan, texts):
        plan.notes.ask(
            f"{name}: numbers start with {some(sold)}: are some of them credit notes or offers? All are sold"
        )
    return ""


def _is_place(plan: Plan, texts: list[str | None]) -> bool:
    """Whether the letters say at which shop or till a document was made."""
    for role in ("store_id", "till_id"):
        if role in plan.roles:
            places: dict[str, set[str]] = {}
            for text, place in zip(texts, plan.column_values(plan.roles[role]), strict=True):
                places.setdefault(place or "", set()).add(letters_of(text))
            if all(len(letters) == 1 for letters in places.values()):
                return True
    return False
