"""Which pairs of records are compared: those that share a blocking key.

A rule is a list of parts: `[family, "given:1", birth_year]` asks for the same family name, first letter of the given
name and year of birth; `["title*"]` for one of the rarest words of a text, `["title**"]` for two of them. A key is
one 64-bit hash of the rule and its values, so that keys of all rules are one column of one table and no text is moved
around. A block with too many records (a shop's own phone) says nothing and is left out; a rule that would make too
many pairs is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.identity.matching.engines import Engine, Table
from lakehouse.errors import LakehouseError

Rule = tuple[str, ...]
MASK = 0xFFFFFFFFFFFFFFFF  # Spark's hashes are signed
RAREST_WORDS = 4  # of a text, that are keys: two records of one thing share at least one of them


def rule_name(rule: Rule) -> str:
    """`family + given:1`, as people read it."""
    return " + ".join(rule)


def field_of(part: str) -> str:
    """The column of a part: `given:1` -> given, `title*` -> title."""
    return part.partition(":")[0].rstrip("*")


def keys_of(engine: Engine, source: str, rules: Sequence[Rule]) -> Table:
    """rid, rule (its number), key (a hash); no row where a part of the rule is missing.

    Args:
        source: records; its tokens, where a rule asks for words, are in the engine's table `tokens`.
    """
    return engine.table("keys", _every_key(engine, source, rules))


def keys_of_changed(engine: Engine, source: str, rules: Sequence[Rule]) -> Table:
    """`keys_of`, but only keys that a record of the engine's table `changed_rids` has."""
    own = keys_of(engine, f"(SELECT s.* FROM {source} s JOIN changed_rids c ON s.rid = c.rid)", rules)
    keys = engine.table(
        "keys",
        f"SELECT k.* FROM ({_every_key(engine, source, rules)}) k "
        f"JOIN (SELECT DISTINCT key FROM {own}) n ON k.key = n.key",
    )
    engine.drop(own)
    return keys


def _every_key(engine: Engine, source: str, rules: Sequence[Rule]) -> str:
    by_words = [rule[0].endswith("*") for rule in rules]  # such a part is a rule of its own
    plain = {i: _key(engine, i, rule) for i, rule in enumerate(rules) if not by_words[i]}
    selects = [engine.keyed(source, plain)] if plain else []
    for number in (i for i, is_by_words in enumerate(by_words) if is_by_words):
        words = f"(SELECT s.*, t.field, t.token FROM {source} s JOIN ({_words(rules[number][0])}) t ON s.rid = t.rid)"
        selects.append(engine.keyed(words, {number: _key(engine, number, rules[number])}))
    return " UNION ALL ".join(selects)


def _words(part: str) -> str:
    """SQL of the rarest words of the texts of `title*`, or every two of them of `title**`: rid, field, token."""
    rarest = f"(SELECT * FROM tokens WHERE field = '{field_of(part)}' AND rank <= {RAREST_WORDS + part.count('*') - 1})"
    if not part.endswith("**"):
        return f"SELECT rid, field, token FROM {rarest} t"
    both = "concat(least(a.token, b.token), ' ', greatest(a.token, b.token))"
    pairs_of = f"{rarest} a JOIN {rarest} b ON a.rid = b.rid AND a.rank < b.rank"
    return f"SELECT a.rid, a.field, {both} AS token FROM {pairs_of}"


def _key(engine: Engine, number: int, rule: Rule) -> str:
    """SQL of a rule's key, NULL where a part of it is missing."""
    texts, conditions = [f"'{number}'"], []
    for part in rule:
        field, _, length = part.partition(":")
        if part.endswith("*"):
            texts.append("r.token")
            conditions.append("r.token IS NOT NULL")
            continue
        texts.append(f"substr(r.{field}, 1, {int(length)})" if length else f"CAST(r.{field} AS STRING)")
        conditions.append(f"r.{field} IS NOT NULL" + (f" AND length(r.{field}) >= {int(length)}" if length else ""))
    key = engine.hashed("concat(" + ", '|', ".join(texts) + ")")
    return f"CASE WHEN {' AND '.join(conditions)} THEN {key} END"


@dataclass(frozen=True)
class RuleCount:
    """What a rule would make.

    Pairs; of the records with a key, the share in blocks that are small enough; the largest block's records and key
    hash.
    """

    pairs: int
    share: float
    largest: int
    key: int


def count_pairs(engine: Engine, keys: Table, largest_block: int, only_new: bool = False) -> dict[int, RuleCount]:
    """Per rule that has a key at all, what it would make.

    Args:
        only_new: of pairs with a record of the engine's table `changed_rids`, instead of all with all.
    """
    fresh, joined = ("count(c.rid)", "k LEFT JOIN changed_rids c ON k.rid = c.rid") if only_new else ("count(*)", "k")
    sized = f"SELECT k.rule, k.key, count(*) AS n, {fresh} AS fresh FROM {keys} {joined} GROUP BY k.rule, k.key"
    fits = f"n <= {largest_block}"
    rows = engine.fetch(
        f"SELECT rule, CAST(sum(CASE WHEN {fits} THEN fresh * (2 * n - fresh - 1) / 2 ELSE 0 END) AS BIGINT) AS pairs, "
        f"CAST(sum(CASE WHEN {fits} THEN n ELSE 0 END) AS DOUBLE) / sum(n) AS share, "
        f"CAST(max(n) AS BIGINT) AS largest, max_by(key, n) AS key FROM ({sized}) s GROUP BY rule"
    ).to_pylist()
    return {row.pop("rule"): RuleCount(**row) for row in rows}


def refuse_explosions(
    engine: Engine, keys: Table, rules: Sequence[Rule], largest_block: int, most_pairs: int, only_new: bool = False
) -> None:
    """Stop before a rule makes more pairs than the machine should compare.

    Raises:
        LakehouseError: names the rule, its pairs, and the size and hash of its largest block; never a value.
    """
    for number, count in sorted(count_pairs(engine, keys, largest_block, only_new).items()):
        if count.pairs > most_pairs:
            raise LakehouseError(
                f"the blocking rule '{rule_name(rules[number])}' would make {count.pairs:,} pairs, {most_pairs:,} are "
                f"allowed; its largest block has {count.largest:,} records (key hash {count.key & MASK:016x})",
                "blocking",
                "add a part to the rule, lower largest_block, or raise most_pairs_per_rule",
            )


def pairs(engine: Engine, keys: Table, largest_block: int, only_new: bool, across: bool = False) -> Table:
    """rid_l, rid_r, rule (the first that both share), each pair once.

    Args:
        keys: of all records, or those that changed records have.
        only_new: records of the engine's table `changed_rids` with all, instead of all with all.
        across: only pairs from two sources (linking of lists that have no duplicates inside).
    """
    blocks = engine.table(
        "blocks",
        f"SELECT key, min(rule) AS rule, count(*) AS n FROM {keys} k GROUP BY key "
        f"HAVING count(*) BETWEEN 2 AND {largest_block}",
    )
    blocked = engine.table("blocked", f"SELECT k.rid, k.key, b.rule FROM {keys} k JOIN {blocks} b ON k.key = b.key")
    left = f"(SELECT k.* FROM {blocked} k JOIN changed_rids c ON k.rid = c.rid)" if only_new else blocked
    # both ways round where one side is only the new records; `least` makes them one
    apart = "l.rid <> r.rid" if only_new else "l.rid < r.rid"
    met = (
        "SELECT least(l.rid, r.rid) AS rid_l, greatest(l.rid, r.rid) AS rid_r, min(l.rule) AS rule "
        f"FROM {left} l JOIN {blocked} r ON l.key = r.key AND {apart} GROUP BY 1, 2"
    )
    if across:
        met = (
            f"SELECT m.* FROM ({met}) m JOIN numbered a ON m.rid_l = a.rid JOIN numbered b ON m.rid_r = b.rid "
            "WHERE a.channel <> b.channel"
        )
    made = engine.table("blocked_pairs", met)
    engine.drop(blocks, blocked)
    return made
