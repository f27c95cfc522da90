"""How far a key is believed: by how often the accounts that share a value of it agree on who they are.

A key is evidence and no command. What is declared of it is where belief starts; the given names and births of its
holders say the rest. Two accounts that share a value and differ in given name or birth are near each other (a couple
with one card, friends who lend it), not one person: no key joins them, a steward is asked.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.identity.matching.engines import Engine, Table
from jobs.identity.settings.identity import Settings

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"
PRIOR_PAIRS = 20.0  # what is declared counts as so many pairs seen
SAME_NAME_SHARE = 0.95  # how often two accounts of one person have one given name
CERTAIN_FROM = 0.9  # a key that is declared certain stays so while holders are one person this often
MOST_HOLDERS = 20  # values of more holders do not teach what a key is
LEAST_NOTED_PAIRS = 10
MOST_DIFFERENT_SHARE = 0.1  # of the pairs that share a value: more than slips in names explain
NAMES = ("given", "family")


@dataclass(frozen=True)
class Trust:
    """What is believed of a key: bits where nothing else is known, and where the given names agree, too.

    holders_agree: of the pairs that share a value and have given names, how many agree, and how many do not.
    """

    key: str
    bits: float
    bits_of_agreeing: float
    is_certain: bool
    holders_agree: tuple[int, int] = (0, 0)


def identity_columns(columns: Collection[str]) -> str:
    """SQL of what an account says of its holder: given, given_form, family, birth, sex."""
    made = {name: name if name in columns else "CAST(NULL AS STRING)" for name in (*NAMES, "birth", "sex")}
    form = f"coalesce(given_key, {made['given']})" if "given_key" in columns else made["given"]
    return ", ".join([*(f"{sql} AS {name}" for name, sql in made.items()), f"{form} AS given_form"])


def likeness(left: str = "l", right: str = "r") -> str:
    """SQL: AGREES, DIFFERS or UNKNOWN of two rows with `identity_columns`, by given names and births."""
    births = births_differ(f"{left}.birth", f"{right}.birth")
    return f"CASE WHEN {births} THEN '{DIFFERS}' ELSE {names_likeness(left, right)} END"


def names_likeness(left: str = "l", right: str = "r") -> str:
    """SQL: the same by given names alone.

    One slip, an initial, and the two names in each other's place are no difference; another sex with a name that is
    nearly the same is (Erik and Erika).
    """
    named = f"{left}.given", f"{right}.given"
    forms = f"{left}.given_form", f"{right}.given_form"
    begins = " OR ".join(f"substr({a}, 1, length({b})) = {b}" for a, b in (named, named[::-1]))
    near = f"levenshtein({forms[0]}, {forms[1]}) <= CASE WHEN length({forms[0]}) > 6 THEN 2 ELSE 1 END"
    is_long = f"length({forms[0]}) > 3 AND length({forms[1]}) > 3"
    is_one_sex = f"({left}.sex IS NULL OR {right}.sex IS NULL OR {left}.sex = {right}.sex)"
    across = f"coalesce({named[0]} = {right}.family OR {left}.family = {named[1]}, 1 = 0)"
    is_like = f"{forms[0]} = {forms[1]} OR {across} OR ({is_one_sex} AND ({begins} OR ({is_long} AND {near})))"
    is_known = f"{named[0]} IS NOT NULL AND {named[1]} IS NOT NULL"
    return f"CASE WHEN NOT ({is_known}) THEN '{UNKNOWN}' WHEN {is_like} THEN '{AGREES}' ELSE '{DIFFERS}' END"


def births_differ(one: str, other: str) -> str:
    """SQL: by more than two slips, and not by day and month turned."""
    day, month = (5, 2), (7, 2)
    turned = " AND ".join(
        f"substr({one}, {a}, {n}) = substr({other}, {b}, {m})"
        for (a, n), (b, m) in (((1, 4), (1, 4)), (day, month), (month, day))
    )
    return f"coalesce({one} <> {other} AND levenshtein({one}, {other}) > 2 AND NOT ({turned}), 1 = 0)"


def learned(engine: Engine, conf: Settings, keys: Sequence[str], holders: Table, names: str) -> list[Trust]:
    """What is believed of each key.

    Args:
        holders: account_id, match_rule, value, holders, and `identity_columns`.
        names: SQL of the given names of all accounts: given.
    """
    rows = engine.fetch(
        f"SELECT match_rule, likeness, count(*) AS pairs FROM (SELECT l.match_rule, {likeness()} AS likeness FROM "
        f"{holders} l JOIN {holders} r ON l.match_rule = r.match_rule AND l.value = r.value "
        f"AND l.account_id < r.account_id WHERE l.holders <= {MOST_HOLDERS}) p GROUP BY match_rule, likeness"
    ).to_pylist()
    seen = {(row["match_rule"], row["likeness"]): int(row["pairs"]) for row in rows}
    by_chance = _same_by_chance(engine, names)
    return [
        trust(
            name,
            _declared(conf, name),
            seen.get((rule(name), AGREES), 0),
            seen.get((rule(name), DIFFERS), 0),
            by_chance,
        )
        for name in keys
    ]


def rule(key: str) -> str:
    """The match rule of a pair that a key holds."""
    return f"key {key}"


def _declared(conf: Settings, name: str) -> tuple[float, bool]:
    declared = conf.evidence.keys[name].trust_bits
    most = conf.clustering.most_weight_bits
    return (most, True) if declared == "certain" else (float(declared), False)


def trust(key: str, declared: tuple[float, bool], agree: int, differ: int, by_chance: float) -> Trust:
    """What is believed of a key after so many pairs of holders that agree and differ.

    Args:
        declared: bits, and whether it is declared certain.
        by_chance: how often a random pair has one given name, 0 to 1.
    """
    most, is_certain = declared
    start = 1 / (1 + 2**-most)
    pairs = agree + differ
    share = agree / pairs if pairs else 0.0
    same = min(max((share - by_chance) / (SAME_NAME_SHARE - by_chance), 0.0), 1.0)
    believed = (same * pairs + start * PRIOR_PAIRS) / (pairs + PRIOR_PAIRS)
    bits = min(math.log2(believed / (1 - believed)), most) if believed < 1 else most
    agreeing = min(bits + math.log2(SAME_NAME_SHARE / by_chance), max(most, bits))
    return Trust(key, bits, agreeing, is_certain and believed >= CERTAIN_FROM, (agree, differ))


def notes(engine: Engine, trust: Table) -> list[str]:
    """What the report says of keys whose holders often are different people."""
    rows = engine.fetch(
        f"SELECT match_rule, bits, agree, differ FROM {trust} WHERE agree + differ >= {LEAST_NOTED_PAIRS} "
        f"AND differ > {MOST_DIFFERENT_SHARE} * (agree + differ) ORDER BY match_rule"
    )
    return [
        f"{row['match_rule'].removeprefix(rule(''))}: of {row['agree'] + row['differ']:,} pairs of accounts with one "
        f"value, {row['differ']:,} differ in given name or birth; alone it counts {row['bits']:.1f} bits, and those "
        "who differ are asked about in identity.review_queue"
        for row in rows.to_pylist()
    ]


def _same_by_chance(engine: Engine, names: str) -> float:
    """How often two records have one given name; never so seldom that a name alone would prove."""
    (row,) = engine.fetch(
        "SELECT sum(CAST(n AS DOUBLE) * n) AS squares, CAST(sum(n) AS DOUBLE) AS n FROM "
        f"(SELECT given, count(*) AS n FROM {names} k GROUP BY given) g"
    ).to_pylist()
    return min(max((row["squares"] or 0.0) / (row["n"] or 1.0) ** 2, 0.002), 0.5)
