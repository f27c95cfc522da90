"""Rows that give back where no column of kinds says so: by a sentence, a letter, or a sign in a column of its own."""

import re
from collections import Counter
from collections.abc import Mapping

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.expressions_of import quoted
from lakehouse.authoring.proposal.meanings import holds_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of

REFERENCE = re.compile(r"\S*\d\S*")  # what tells one row's sentence from another's: Refund for order 1003
MOST_SENTENCES = 12  # different ones without their references; more are free text
MOST = 0.5  # share of the rows that may give back
WILD = re.compile("[%_\\\\]")
# letters for what is sold -> letters for what is given back, where both stand in one column
LETTERS: Mapping[str, str] = {
    **{"s": "r c", "v": "r s d g", "p": "r", "i": "c", "f": "a nc", "r": "g s", "n": "r", "b": "s", "sa": "re rt cr"},
    **{"sl": "rt re", "sal": "ret", "inv": "crn cm cn crm", "in": "cn cm cr", "re": "gu ga", "fa": "av", "fv": "fd"},
}
SIGNS = {"+": "-", "plus": "minus", "1": "-1", "+1": "-1"}
OF_OTHERS = re.compile(
    r"(^|_)(country|land|pays|pais|currency|waehrung|size|groesse|taille|talla|unit|einheit|me|uom|sex|gender|geschlecht"
    r"|grade|class|klasse|klass|region|zone|lang|language|sprache|tax|vat|mwst|ust|rate|brand|channel|kanal|priority|shift"
    r"|carrier|ship|delivery|weekday|state|province|tier|level|segment|salutation|title|anrede|model|colou?r|row)(_|$)"
)


def hidden_refunds(plan: Plan, amount: str) -> str:
    """SQL for rows that give back although no column of kinds says so; '' for none."""
    if plan.has("kind") or plan.items or any((number or 0) < 0 for number in plan.numbers(amount)):
        return ""
    return sentences_of_refunds(plan, amount) or letters_of_refunds(plan, amount)


def sentences_of_refunds(plan: Plan, amount: str) -> str:
    """SQL for rows whose sentence says that they give back, `Refund for order 1003`, above zero; '' for none."""
    for name in plan.sample.names:
        if plan.values[name].kind != "text" or name in plan.sample.paths or name == plan.roles.get("status"):
            continue
        texts = [REFERENCE.sub("#", (text or "").strip()) for text in plan.column_values(name)]
        sentences = Counter(text for text in texts if text)
        back = [text for text in sentences if " " in text and holds_word(text.replace("#", " "), "refund")]
        rows = sum(sentences[text] for text in back)
        if not back or len(sentences) > MOST_SENTENCES or rows > MOST * plan.sample.row_count:
            continue
        if any(WILD.search(text) for text in back):
            continue
        plan.notes.ask(
            f"{name}: {rows:,} rows say {some(back, 3)}: they are taken as given back, since {amount} is above zero "
            "there; is that so?"
        )
        column = f"lower(trim({plan.read.column(name)}))"
        tests = [f"{column} LIKE {quoted(text.lower().replace('#', '%'))}" for text in back]
        return f"coalesce({' OR '.join(tests)}, false)"
    return ""


def letters_of_refunds(plan: Plan, amount: str) -> str:
    """SQL for rows that give back by a letter or a sign of their own, S and R or + and -; '' for none.

    Other columns of few short codes are asked for: nobody can know what they mean.
    """
    used = set(plan.roles.values())
    for name in plan.sample.names:
        counts = _codes(plan, name)
        if name in used or not 1 < len(counts) <= MOST_CODES or any(len(word) > LONGEST for word in counts):
            continue
        if plan.values[name].is_date or OF_OTHERS.search(plain(name)):
            continue
        sold, back = _pair(counts)
        if back:
            plan.notes.ask(
                f"{name}: rows with {back} ({counts[back]:,}) are taken as given back, those with {sold} as sold: "
                f"{amount} is above zero on all; is that so?"
            )
            return f"coalesce({one_of(plan.read.column(name), [back])}, false)"
        if plan.values[name].kind == "text" and all(word.isalpha() for word in counts):
            plan.notes.ask(f"{name} ({some(counts, 6)}) is not used: does it say which rows give back or do not count?")
    return ""


MOST_CODES = 6
LONGEST = 5  # letters of a code


def _codes(plan: Plan, name: str) -> Mapping[str, int]:
    """Few different texts of a column with how often they stand there, also the minus that means nothing elsewhere."""
    if "-" not in plan.values[name].missing:
        return plan.values[name].counts
    return Counter(text.strip() for text in plan.column_values(name) if text and text.strip())


def _pair(counts: Mapping[str, int]) -> tuple[str, str]:
    """The code for what is sold and the rarer one for what is given back, of two that belong together."""
    if len(counts) != 2:
        return "", ""
    sold, back = sorted(counts, key=lambda word: -counts[word])
    known = back.lower() in LETTERS.get(sold.lower(), "").split() or SIGNS.get(sold.lower()) == back.lower()
    return (sold, back) if known and counts[back] < counts[sold] else ("", "")


def beside_their_sales(plan: Plan, name: str, words: list[str]) -> list[str]:
    """Words of a column whose rows repeat another row's amount and a number of it: the refund of that sale."""
    if any(plan.has(role) for role in ("product_id", "product_name", "quantity", "unit_price")) or plan.items:
        return []
    amount = next((plan.roles[role] for role in ("total", "gross", "amount", "net") if plan.has(role)), "")
    if not amount:
        return []
    numbers, told = plan.numbers(amount), plan.column_values(name)
    found = []
    for word in words:
        rows = [at for at, text in enumerate(told) if text and text.strip() == word and (numbers[at] or 0) > 0]
        rest = [at for at, text in enumerate(told) if text and text.strip() not in words and numbers[at]]
        if len(rows) > 1 and any(_repeat(plan, key, numbers, rows, rest) for key in plan.sample.names):
            found.append(word)
    return found


def _repeat(plan: Plan, key: str, numbers: list[float | None], rows: list[int], rest: list[int]) -> bool:
    """Whether each of these rows has the number and the amount of another, in a column that numbers those."""
    texts = plan.column_values(key)
    sales = {(texts[at], numbers[at]) for at in rest if texts[at]}
    is_number = len({texts[at] for at in rest}) == len(rest) and any(map(str.isdigit, "".join(t or "" for t in texts)))
    return is_number and all((texts[at], numbers[at]) in sales for at in rows)
