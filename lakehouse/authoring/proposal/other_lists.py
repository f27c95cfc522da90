"""Lists with days and amounts that may be no sales: what the company bought, offered, paid out, or summed up itself."""

import re
from pathlib import Path

import yaml

from lakehouse.authoring.proposal.column_forms import forms, plain
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan

LISTS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("other_lists.yaml").read_text(encoding="utf-8"))
WORDS = {what: re.compile("|".join(words)) for what, words in LISTS.items()}


def ask_what_it_is(plan: Plan) -> None:
    """Ask where a list of orders may be another one, by the names of its columns and of its file."""
    stem = plain(re.sub(r"[\d.-]+", " ", plan.sample.path.name.partition(".")[0]))
    for what, words in WORDS.items():
        named = [name for name in plan.sample.names if any(words.fullmatch(form) for form in forms(name))]
        if what == "sums of several orders":
            named = [name for name in named if plan.values[name].kind == "integer" and not plan.has("order_id")]
        elif words.fullmatch(stem) or any(words.fullmatch(word) for word in stem.split("_")):
            named = [*named, plan.sample.path.name]
        if named:
            plan.notes.ask(f"{some(named, 3)}: are the rows {what}? Such are no sales: then leave the orders out")
    if not plan.customer and not plan.has("order_id") and not plan.has("quantity") and plan.has("product_id"):
        plan.notes.ask(
            "each row names a product and its price, and neither order nor customer: is it a list of prices?"
        )
