"""Rows that may not count by a column that nothing uses: flags, reasons, a bank's answers, names of other orders."""

import re
from collections.abc import Iterable

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.meanings import holds_word, is_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.values import Values

MOST_WORDS = 12
SOFT = (
    "category",
    "product_type",
    "product_name",
    "brand",
    "event",
    "store_name",
    "review",
)  # roles of words in general
OTHERS = re.compile(r"fulfil|contact|e?mail|lead|subscri|deliver|ship|versand|liefer")
VALIDITY = re.compile(
    r"valid|gueltig|activ|aktiv|actif|attiv|ativ|archiv|complet|abgeschl|finish|captur|success|erfolg|fraud|betrug|train"
    r"|schulung|test|credit|gutschr|ruecksend|retour|return|delet|geloescht|draft|paid|bezahlt|paye|pagad|approv|accept|有效|完成|成功|测试"
)
CALLED_OFF = re.compile(
    r"cancel|void|storn|annul|anul|reject|declin|error|fehler|fail|refus|revers|delet|loesch|makul|отмен|取消|退款|작废|취소|반품|キャンセル"
)
ANSWER = re.compile(
    r"(auth(ori[sz]ation)?_?)?(response|result|outcome|approval)(_?(code|text|message))?|antwort(_?code)?|ergebnis|resultat|resultado"
    r"|esito|结果|結果|応答コード"
)
OTHER_ORDER = re.compile(
    r"(original|orig|parent|initial|ursprung\w*|urspr|source|reversed|refunded|storno)_?(order|receipt|invoice|transaction|sale|bill"
    r"|ticket|beleg\w*|rechnung\w*|bon\w*|auftrag\w*)(_?(id|no|nr|number))?|reversal_of|refund_of|storno_(zu|von|fuer)\w*"
    r"|\w*(d_origine|de_origen|di_origine|de_origem)|原(订单|单)(号|编号)?|元(伝票|注文)(番号)?"
)


def ask_about_rows(plan: Plan, unused: Iterable[str]) -> None:
    """Ask about columns by which some rows of a list of orders may not count."""
    orders = set(plan.rows_by_order)
    for name in unused:
        values = plan.values[name]
        if _names_orders(plan, name, orders):
            plan.notes.ask(
                f"{name} names another order on {values.filled:,} rows: do these give it back or replace it? All count"
            )
        elif _may_say_it(name, values) and not any(sentence.startswith(name) for sentence in plan.notes.asked):
            shown = some(values.counts or values.seen, 6) if len(values.counts) <= MOST_WORDS else "words"
            plan.notes.ask(f"{name} ({shown}) is not used: does it say whether a row counts?")
    for role in SOFT:
        name = plan.roles.get(role, "")
        if name and _tells_kinds(plan.values[name]):
            plan.notes.ask(
                f"{name} ({some(plan.values[name].counts, 6)}) has words for what was given back: all rows count?"
            )


def _may_say_it(name: str, values: Values) -> bool:
    word = plain(name)
    is_partly = 0 < values.filled < values.rows
    if OTHERS.search(word) or values.kind in ("items", "object"):
        return False
    if values.kind == "flag":
        return bool(VALIDITY.search(word) or CALLED_OFF.search(word)) and len(values.counts) + is_partly > 1
    if is_partly and CALLED_OFF.search(word) and 2 * values.filled < values.rows:
        return True
    is_few = 1 < len(values.counts) + is_partly <= MOST_WORDS
    return is_few and (bool(ANSWER.fullmatch(word)) or (values.kind == "text" and _has_ended(values)))


def _has_ended(values: Values) -> bool:
    return any(is_word(word, "void") or holds_word(word, "refund") for word in values.counts)


def _tells_kinds(values: Values) -> bool:
    """Whether a few words are kinds of rows, some of them for what was given back."""
    words = values.counts if 1 < len(values.counts) <= MOST_WORDS and values.distinct < values.filled else {}
    return any(is_word(word, "refund") or (holds_word(word, "refund") and " " in word.strip()) for word in words)


def _names_orders(plan: Plan, name: str, orders: set[str]) -> bool:
    """Whether a column that is mostly empty has numbers of other orders, or is called so."""
    values = plan.values[name]
    if not 0 < 2 * values.filled < values.rows or "order_id" not in plan.roles:
        return False
    own = zip(plan.column_values(plan.roles["order_id"]), plan.column_values(name), strict=True)
    others = [text for number, text in own if text and text.strip() and text.strip() != (number or "").strip()]
    known = sum(text.strip() in orders for text in others)
    return bool(others) and (2 * known > len(others) or bool(OTHER_ORDER.fullmatch(plain(name))))
