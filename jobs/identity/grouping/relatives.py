"""Pairs that look like one person and are two: twins, father and son of one name, contacts of one firm.

What relatives and colleagues share (address, phone, e-mail, surname) says that they are near. Two different given names
that many families use are two people, however much else agrees; a rare form may be a slip or a nickname. And an account
that fits two people who contradict each other (a father's and a son's birth) is neither's, unless it fits one clearly
better. Such pairs do not join; a steward is asked.
"""

from collections.abc import Collection
from dataclasses import dataclass

from jobs.identity.grouping import key_trust, shared_homes
from jobs.identity.grouping.shared_homes import OWN
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.settings.identity import Settings
from lakehouse.sql.literal import listed

GIVEN_NAMES, COLLEAGUES, TWO_PEOPLE = "different given names", "different names at one company", "fits two people"
BELOW_BITS = 1.0  # a pair that must not join alone counts so much less than what joins
OWN_BITS = 4.0  # what agrees or differs of what tells namesakes of one home apart
MOSTLY = 0.5  # of two given names at one home: from here on they are two people, unless something else speaks for one


@dataclass(frozen=True)
class Weighed:
    """Tables: pairs as grouping takes them; questions: account_id_left, account_id_right, doubt, weight (bits)."""

    pairs: Table
    questions: Table


def weighed(engine: Engine, conf: Settings, pairs: Table, columns: Collection[str]) -> Weighed:
    """The pairs, with those that must not join by their weight below what joins.

    Args:
        pairs: account_id_left, account_id_right, match_rule, match_weight, ...
        columns: of the engine's table `cleaned`.
    """
    join_bits = conf.clustering.join_weight_bits
    strong = engine.table("strong_pairs", f"SELECT * FROM {pairs} WHERE match_weight >= {join_bits}")
    known = engine.table("relatives_known", _known(conf, strong, columns, _homes(engine, conf, columns)))
    namesakes = engine.table("namesakes", shared_homes.namesakes(strong, known))
    known = engine.table(
        "relatives_told",
        f"SELECT k.*, CASE WHEN n.account_id IS NULL THEN 0 ELSE 1 END AS is_namesake FROM {known} k "
        f"LEFT JOIN {namesakes} n ON k.account_id = n.account_id",
    )
    apart = engine.table("apart_pairs", _apart(strong, known))
    fits_two = engine.table("fits_two", _fits_two(conf, strong, known, apart))
    reasons = engine.table(
        "doubtful_pairs",
        "SELECT account_id_left, account_id_right, min(doubt) AS doubt FROM ("
        f"SELECT * FROM {apart} UNION ALL SELECT * FROM {fits_two}) d GROUP BY account_id_left, account_id_right",
    )
    names = ", ".join(f"p.{n}" for n in ("account_id_left", "account_id_right", "match_rule"))
    on = "p.account_id_left = d.account_id_left AND p.account_id_right = d.account_id_right"
    lowered = (
        f"CASE WHEN d.doubt IS NOT NULL THEN least(p.match_weight, {join_bits - BELOW_BITS}) ELSE p.match_weight END"
    )
    return Weighed(
        engine.table(
            "weighed", f"SELECT {names}, {lowered} AS match_weight FROM {pairs} p LEFT JOIN {reasons} d ON {on}"
        ),
        engine.table(
            "relatives_questions",
            "SELECT d.account_id_left, d.account_id_right, d.doubt, "
            f"p.match_weight + CASE WHEN {_namesakes()} THEN {OWN_BITS} * ({shared_homes.own_signs()}) ELSE 0 END "
            f"AS weight FROM {reasons} d JOIN {strong} p ON {on} JOIN {known} l ON d.account_id_left = l.account_id "
            f"JOIN {known} r ON d.account_id_right = r.account_id",
        ),
    )


def _identity(columns: Collection[str]) -> str:
    """SQL of all accounts: account_id, channel, `key_trust.identity_columns`, family_form."""
    family = "coalesce(family_key, family)" if "family_key" in columns else "family"
    return f"SELECT account_id, channel, {key_trust.identity_columns(columns)}, {family} AS family_form FROM cleaned"


@dataclass(frozen=True)
class _Homes:
    """What the company's homes say.

    least_share: of all surnames, that a given name must have to be a name: none where families are customers; channels
    know the people of a home one by one.
    """

    least_share: float
    channels: list[str]


def _homes(engine: Engine, conf: Settings, columns: Collection[str]) -> _Homes:
    phone = "phone" if "phone" in columns else "CAST(NULL AS STRING)"
    parts = [name for name in ("street", "house", "postcode") if name in columns]
    complete = " AND ".join(f"{name} IS NOT NULL" for name in parts) or "1 = 0"
    place = f"CASE WHEN {complete} THEN concat_ws('|', {', '.join(parts or ['account_id'])}) END"
    homes = f"SELECT account_id, {phone} AS phone, {place} AS place FROM cleaned"
    share = shared_homes.two_people_share(engine, _identity(columns), homes)
    least = 0.0 if share is not None and share >= MOSTLY else conf.guards.families_share_of_a_given_name
    return _Homes(least, shared_homes.one_by_one(engine, _identity(columns), homes))


def _known(conf: Settings, strong: Table, columns: Collection[str], homes: _Homes) -> str:
    """SQL: of each account of a strong pair who it says it is.

    is_name: many families use its given name (is_common: and many of all families); is_confirmed: and another account
    that fits it writes it so, too; is_one_of_home: its channel knows the people of a home one by one.
    """
    rules = sorted({field for rule in conf.evidence.vetoes.values() if rule.is_on for field in rule.differ})
    facts = "".join(f", c.{name} AS fact_{name}" for name in rules)
    own = "".join(f", {f'c.{name}' if name in columns else 'CAST(NULL AS STRING)'} AS own_{name}" for name in OWN)
    company = "c.company" if "company" in columns else "CAST(NULL AS STRING)"
    identity = _identity(columns)
    one_by_one = f"CASE WHEN i.channel IN ({listed(homes.channels)}) THEN 1 ELSE 0 END" if homes.channels else "0"
    guards = conf.guards
    every = f"(SELECT count(DISTINCT family_form) FROM ({identity}) s)"
    names = (
        f"SELECT given_form AS name, count(DISTINCT family_form) >= {guards.families_share_of_a_given_name} * {every} "
        f"AS is_common FROM ({identity}) i WHERE given_form IS NOT NULL GROUP BY given_form "
        f"HAVING count(DISTINCT family_form) >= greatest({guards.families_of_a_given_name}, "
        f"{homes.least_share} * {every})"
    )
    ends = f"SELECT account_id_left AS account_id FROM {strong} UNION SELECT account_id_right FROM {strong}"
    both = " UNION ".join(
        f"SELECT account_id_{one} AS account_id, account_id_{other} AS partner FROM {strong}"
        for one, other in (("left", "right"), ("right", "left"))
    )
    confirmed = (
        f"SELECT DISTINCT b.account_id FROM ({both}) b JOIN ({identity}) x ON b.account_id = x.account_id "
        f"JOIN ({identity}) y ON b.partner = y.account_id AND x.given_form = y.given_form"
    )
    return (
        f"SELECT i.*, CASE WHEN n.name IS NOT NULL AND f.account_id IS NOT NULL THEN 1 ELSE 0 END AS is_confirmed, "
        "CASE WHEN n.name IS NULL THEN 0 ELSE 1 END AS is_name, coalesce(n.is_common, 1 = 0) AS is_common, "
        f"{company} AS company{facts}{own}, {one_by_one} AS is_one_of_home "
        f"FROM ({identity}) i JOIN ({ends}) e ON i.account_id = e.account_id "
        f"JOIN cleaned c ON i.account_id = c.account_id LEFT JOIN ({names}) n ON i.given_form = n.name "
        f"LEFT JOIN ({confirmed}) f ON i.account_id = f.account_id"
    )


def _apart(strong: Table, known: Table) -> str:
    """SQL: strong pairs of two people: account_id_left, account_id_right, doubt."""
    return (
        f"SELECT * FROM (SELECT p.account_id_left, p.account_id_right, {_difference()} AS doubt FROM {strong} p "
        f"JOIN {known} l ON p.account_id_left = l.account_id JOIN {known} r ON p.account_id_right = r.account_id) x "
        "WHERE doubt IS NOT NULL"
    )


def _difference() -> str:
    """SQL: why l and r are two people by their names; NULL where nothing says so."""
    differ = f"{key_trust.names_likeness()} = '{key_trust.DIFFERS}'"
    across = "coalesce(l.given = r.family OR l.family = r.given, 1 = 0)"
    families = f"levenshtein(l.family_form, r.family_form) > 2 AND NOT {across}"
    alike = " OR ".join(f"coalesce(l.own_{name} = r.own_{name}, 1 = 0)" for name in ("email", "phone", "birth"))
    is_common = "(l.is_common AND r.is_common)"
    in_one_channel = f"l.is_one_of_home = 1 AND l.channel = r.channel AND {differ}"
    is_one_birth = "coalesce(l.own_birth = r.own_birth, 1 = 0)"
    return (
        f"CASE WHEN (l.is_name = 1 AND r.is_name = 1 AND {differ}) OR (l.is_confirmed = 1 AND r.is_confirmed = 1 "
        f"AND l.given_form <> r.given_form AND NOT {across} AND ({is_common} OR l.own_email <> r.own_email)) "
        f"OR ({in_one_channel} AND NOT {is_one_birth}) THEN '{GIVEN_NAMES}' "
        f"WHEN l.company IS NOT NULL AND r.company IS NOT NULL AND ({differ} OR ({families})) THEN '{COLLEAGUES}' "
        f"WHEN (l.company IS NOT NULL OR r.company IS NOT NULL) AND {families} AND NOT ({alike}) THEN '{COLLEAGUES}' "
        f"WHEN {_namesakes()} THEN '{TWO_PEOPLE}' END"
    )


def _namesakes() -> str:
    """SQL: l and r bear one name in a home where two do, and what one has alone does not speak for one person."""
    return f"l.is_namesake = 1 AND r.is_namesake = 1 AND {shared_homes.one_name()} AND {shared_homes.own_signs()} <= 0"


def _contradiction(conf: Settings) -> str:
    """SQL: whether l and r cannot be one person, by their names or by a cannot-link rule."""
    rules = [
        " AND ".join(
            f"coalesce(levenshtein(l.fact_{name}, r.fact_{name}) > {most}, 1 = 0)" for name, most in rule.differ.items()
        )
        for rule in conf.evidence.vetoes.values()
        if rule.is_on
    ]
    return " OR ".join(f"({rule})" for rule in [f"{_difference()} IS NOT NULL", *rules])


def _fits_two(conf: Settings, strong: Table, known: Table, apart: Table) -> str:
    """SQL: strong pairs of an account that fits two people: account_id_left, account_id_right, doubt."""
    ends = " UNION ALL ".join(
        f"SELECT p.account_id_{one} AS account_id, p.account_id_{other} AS partner, p.match_weight FROM {strong} p "
        f"LEFT JOIN {apart} a ON p.account_id_left = a.account_id_left AND p.account_id_right = a.account_id_right "
        "WHERE a.doubt IS NULL"
        for one, other in (("left", "right"), ("right", "left"))
    )
    clearly = conf.guards.clearly_better_bits
    fit = f"(SELECT e.account_id, e.partner, e.match_weight + {_own_bits()} AS bits FROM ({ends}) e "
    fit += f"JOIN {known} l ON e.account_id = l.account_id JOIN {known} r ON e.partner = r.account_id)"
    rivals = (
        f"SELECT x.account_id, x.partner, max(least(x.bits, y.bits)) AS torn_bits, "
        f"max(CASE WHEN x.bits < y.bits + {clearly} THEN 1 ELSE 0 END) AS is_no_better, "
        f"max(CASE WHEN abs(x.bits - y.bits) < {clearly} THEN 1 ELSE 0 END) AS is_torn FROM {fit} x "
        f"JOIN {fit} y ON x.account_id = y.account_id AND x.partner <> y.partner "
        f"JOIN {known} l ON x.partner = l.account_id JOIN {known} r ON y.partner = r.account_id "
        f"WHERE {_contradiction(conf)} GROUP BY x.account_id, x.partner"
    )
    torn = f"SELECT account_id, max(torn_bits) AS bits FROM ({rivals}) v WHERE is_torn = 1 GROUP BY account_id"
    ruled_out = (
        f"SELECT account_id, partner FROM ({rivals}) v WHERE is_no_better = 1 UNION "
        f"SELECT f.account_id, f.partner FROM {fit} f JOIN ({torn}) t ON f.account_id = t.account_id "
        f"WHERE f.bits < t.bits + {clearly}"
    )
    return (
        "SELECT DISTINCT least(account_id, partner) AS account_id_left, greatest(account_id, partner) "
        f"AS account_id_right, '{TWO_PEOPLE}' AS doubt FROM ({ruled_out}) t"
    )


def _own_bits() -> str:
    """SQL: what two namesakes of one home tell by what each has alone, in bits."""
    agree = " + ".join(
        f"CASE WHEN l.own_{name} = r.own_{name} THEN {OWN_BITS} "
        f"WHEN l.own_{name} <> r.own_{name} THEN -{OWN_BITS} ELSE 0 END"
        for name in OWN
    )
    return f"({agree})"
