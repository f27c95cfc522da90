"""What a company's homes say: whether two given names at one home are two people, and where two namesakes live.

Where families are customers, two different given names of one surname at one home are mostly two people: their births
say so wherever both are known. Where no family is among the customers (each home has one), they are mostly one person
whose name was once written as another. Which of them a company is, its own records tell.

Births are seldom known of everybody. A channel that knows the people of a home one by one (a delivery service, a club)
says so by itself: two of its accounts at one home mostly bear two given names. There they are two people, whatever else
agrees; where a channel has one person several times, most of those accounts bear one name.

A home of two namesakes is one where somebody is marked Sr. or Jr. There the name and the address hold for both, and
only what one of them has alone tells whose an account is.
"""

from jobs.identity.grouping import key_trust
from jobs.identity.matching.engines import Engine, Table

MOST_AT_HOME = 12  # accounts of one surname at one home or phone: more are no family
LEAST_PAIRS = 10  # of different given names with both births, for the company's homes to say anything
OWN = ("email", "phone", "birth", "generation")  # what tells namesakes of one home apart
MOSTLY = 0.5  # of a channel's pairs at one home with two given names: more, and it knows people one by one
SLIPS = 2  # edits between two phones that are one


def two_people_share(engine: Engine, identity: str, columns: Table | str) -> float | None:
    """Of pairs of one surname at one home with different given names, how many have different births, 0 to 1.

    None where too few such pairs have both births.

    Args:
        identity: SQL of all accounts: account_id, `key_trust.identity_columns`, family_form.
        columns: SQL of account_id, phone, place of all accounts; NULL is not known.
    """
    people = (
        f"SELECT i.*, concat(h.home, '|', i.family_form) AS home FROM ({identity}) i "
        f"JOIN ({_homes(columns)}) h ON i.account_id = h.account_id "
        "WHERE i.birth IS NOT NULL AND i.given IS NOT NULL AND i.family_form IS NOT NULL"
    )
    at_home = engine.table("at_home", people)
    small = f"SELECT home FROM {at_home} GROUP BY home HAVING count(*) BETWEEN 2 AND {MOST_AT_HOME}"
    (row,) = engine.fetch(
        f"SELECT count(*) AS pairs, count(CASE WHEN {key_trust.births_differ('l.birth', 'r.birth')} THEN 1 END) AS two "
        f"FROM {at_home} l JOIN ({small}) s ON l.home = s.home JOIN {at_home} r ON l.home = r.home "
        f"AND l.account_id < r.account_id WHERE {key_trust.names_likeness()} = '{key_trust.DIFFERS}'"
    ).to_pylist()
    engine.drop(at_home)
    return row["two"] / row["pairs"] if row["pairs"] >= LEAST_PAIRS else None


def one_by_one(engine: Engine, identity: str, columns: Table | str) -> list[str]:
    """The channels of whose accounts at one home, two by two, most bear different given names.

    Args:
        identity: SQL of all accounts: account_id, channel, `key_trust.identity_columns`.
        columns: SQL of account_id, phone, place of all accounts; NULL is not known.
    """
    people = (
        f"SELECT i.*, h.home FROM ({identity}) i JOIN ({_homes(columns)}) h ON i.account_id = h.account_id "
        "WHERE i.given IS NOT NULL"
    )
    at_home = engine.table("of_channel_at_home", people)
    of_home = "channel, home"
    small = f"SELECT {of_home} FROM {at_home} GROUP BY {of_home} HAVING count(*) BETWEEN 2 AND {MOST_AT_HOME}"
    rows = engine.fetch(
        f"SELECT l.channel, count(*) AS pairs, count(CASE WHEN {key_trust.names_likeness()} = '{key_trust.DIFFERS}' "
        f"THEN 1 END) AS two FROM {at_home} l JOIN ({small}) s ON l.channel = s.channel AND l.home = s.home "
        f"JOIN {at_home} r ON l.channel = r.channel AND l.home = r.home AND l.account_id < r.account_id "
        "GROUP BY l.channel ORDER BY l.channel"
    ).to_pylist()
    engine.drop(at_home)
    return [row["channel"] for row in rows if row["pairs"] >= LEAST_PAIRS and row["two"] > MOSTLY * row["pairs"]]


def _homes(columns: Table | str) -> str:
    """SQL of account_id, home: the phone and the place of an account."""
    return " UNION ALL ".join(
        f"SELECT account_id, concat('{kind}', {kind}) AS home FROM ({columns}) {kind}_of WHERE {kind} IS NOT NULL"
        for kind in ("phone", "place")
    )


def namesakes(strong: Table, known: Table) -> str:
    """SQL of account_id: accounts of strong pairs of one name, in a home where two bear it.

    Args:
        strong: account_id_left, account_id_right.
        known: account_id, given_form, family_form, own_generation of their accounts.
    """
    marked = f"SELECT account_id FROM {known} WHERE own_generation IS NOT NULL"
    ends = f"SELECT account_id FROM ({marked}) m UNION {_of_one_name(strong, known, marked)}"
    return f"{ends} UNION {_of_one_name(strong, known, ends)}"


def _of_one_name(strong: Table, known: Table, of: str) -> str:
    """SQL of account_id: who is in a strong pair with one of these, under the same name."""
    return " UNION ".join(
        f"SELECT r.account_id FROM ({of}) o{one} JOIN {strong} p ON o{one}.account_id = p.account_id_{one} "
        f"JOIN {known} l ON p.account_id_{one} = l.account_id JOIN {known} r ON p.account_id_{other} = r.account_id "
        f"WHERE {one_name()}"
        for one, other in (("left", "right"), ("right", "left"))
    )


def one_name() -> str:
    """SQL: l and r have one given name and one surname, slips aside."""
    return " AND ".join(
        f"(l.{form} = r.{form} OR (length(l.{form}) > 3 AND length(r.{form}) > 3 "
        f"AND levenshtein(l.{form}, r.{form}) <= 1))"
        for form in ("given_form", "family_form")
    )


def own_signs() -> str:
    """SQL: what l and r have alone that agrees, less what differs; a slip in a phone is neither."""
    return " + ".join(
        f"CASE WHEN l.own_{name} = r.own_{name} THEN 1 WHEN {_differs(name)} THEN -1 ELSE 0 END" for name in OWN
    )


def _differs(name: str) -> str:
    one, other = f"l.own_{name}", f"r.own_{name}"
    return f"levenshtein({one}, {other}) > {SLIPS}" if name == "phone" else f"{one} <> {other}"
