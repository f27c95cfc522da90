"""Account keys that changed hands, and people who got another key.

A key under which every field is new was issued again: its new holder is no heir of the old one. A new key under which
stands what a key that is gone stood for is the same account, renumbered: a channel that gives new keys to everybody, or
is merged into another, changes nobody's id. Both are seen by keyed hashes of what an account said last night.
A renumbered account that says nothing that its customer had not said before is no evidence: it regroups nobody.
"""

from datetime import date

from jobs.identity.cleaners.record_fields import FINGERPRINT, PRINT_LENGTH
from jobs.identity.matching.engines import Engine

REISSUED = "|until "  # after the key of an account whose key was issued again, with the day
LEAST_KNOWN = 2  # fields: fewer say nothing about whether all are new, or who it was
WITH_GIVEN_NAME = ("birth", "email", "phone", "national_id", "address")  # tell who it is, beside the given name


def follow(engine: Engine, run_date: date) -> None:
    """Make `previous` anew: renumbered accounts under tonight's key, and old holders of keys issued again as gone.

    Tables of the engine: cleaned, previous (both with account_id, fingerprint) and new_evidence, which is made without
    accounts that say nothing new. Made beside them: renumbered (old_key, new_key, customer_id, fingerprint), and
    nothing_new (account_id).
    """
    renumbered = engine.table("renumbered", _renumbered())
    of_before = "SELECT r.*, p.customer_id, p.fingerprint FROM {} r JOIN previous p ON r.old_key = p.account_id"
    engine.make("renumbered", of_before.format(renumbered))
    engine.make("nothing_new", _nothing_new())
    evidence = "SELECT e.* FROM new_evidence e LEFT JOIN nothing_new n ON e.account_id = n.account_id"
    engine.rename(engine.table("news", f"{evidence} WHERE n.account_id IS NULL"), "new_evidence")
    settled = engine.table(
        "settled",
        f"""
        SELECT p.* FROM (SELECT * FROM previous) p LEFT JOIN cleaned c ON p.account_id = c.account_id
        LEFT JOIN {renumbered} n ON p.account_id = n.old_key
        WHERE n.old_key IS NULL AND NOT coalesce({is_another_person("p", "c")}, 1 = 0)""",
    )
    columns = [name for name in engine.fetch("SELECT * FROM previous LIMIT 0").column_names if name != "account_id"]
    rest = ", ".join(f"p.{name}" for name in columns)
    moved = engine.table(
        "previous_settled",
        f"""
        SELECT account_id, {rest} FROM {settled} p
        UNION ALL SELECT n.new_key, {rest} FROM previous p JOIN {renumbered} n ON p.account_id = n.old_key
        UNION ALL SELECT concat(p.account_id, '{REISSUED}{run_date}'), {rest} FROM previous p
        JOIN cleaned c ON p.account_id = c.account_id WHERE {is_another_person("p", "c")}""",
    )
    engine.rename(moved, "previous")
    engine.drop(settled, renumbered)


def _parts(kind: str, *sides: str) -> list[str]:
    """SQL of a field's hash on each side."""
    start = FINGERPRINT.index(kind) * PRINT_LENGTH + 1
    return [f"substr({side}.fingerprint, {start}, {PRINT_LENGTH})" for side in sides]


def _count(sign: str, *sides: str) -> str:
    """SQL: how many fields both sides know that are equal (=) or not (<>)."""
    unknown = "'" + "-" * PRINT_LENGTH + "'"
    both = (_parts(kind, *(sides or ("p", "c"))) for kind in FINGERPRINT)
    return " + ".join(
        f"CASE WHEN {a} {sign} {b} AND {a} <> {unknown} AND {b} <> {unknown} THEN 1 ELSE 0 END" for a, b in both
    )


def is_another_person(before: str, now: str) -> str:
    """SQL: two rows of one key know fields in common, and all of them differ."""
    return f"({_count('=', before, now)} = 0 AND {_count('<>', before, now)} >= {LEAST_KNOWN})"


def _renumbered() -> str:
    """SQL: old_key, new_key of accounts that are gone and of new ones that say the same, one to one.

    What both know agrees, the given name and something of one's own with it; where customers are several, none is it.
    """
    gone = "SELECT p.* FROM previous p LEFT JOIN cleaned c ON p.account_id = c.account_id WHERE c.account_id IS NULL"
    new = "SELECT c.* FROM cleaned c LEFT JOIN previous p ON p.account_id = c.account_id WHERE p.account_id IS NULL"
    pairs = f"""
        SELECT p.account_id AS old_key, c.account_id AS new_key, p.customer_id, {_count("=")} AS agree
        FROM ({gone}) p JOIN (SELECT DISTINCT o.account_id AS old_account, n.account_id AS new_account
            FROM ({_tellers(gone)}) o JOIN ({_tellers(new)}) n ON o.teller = n.teller) m ON p.account_id = m.old_account
        JOIN cleaned c ON c.account_id = m.new_account WHERE {_count("<>")} = 0"""
    best = f"""
        SELECT *, rank() OVER (PARTITION BY new_key ORDER BY agree DESC) AS place,
               rank() OVER (PARTITION BY old_key ORDER BY agree DESC, new_key) AS place_of_old
        FROM ({pairs}) x"""
    one_customer = f"""
        SELECT new_key, min(old_key) AS old_key FROM ({best}) b WHERE place = 1 AND place_of_old = 1
        GROUP BY new_key HAVING min(customer_id) = max(customer_id)"""
    return f"SELECT min(new_key) AS new_key, old_key FROM ({one_customer}) o GROUP BY old_key"


def _nothing_new() -> str:
    """SQL: account_id of renumbered accounts each of whose fields some account of the customer had last night."""
    unknown = "'" + "-" * PRINT_LENGTH + "'"
    known = [
        f"max(CASE WHEN {now} = {unknown} OR {now} = {before} THEN 1 ELSE 0 END) = 1"
        for now, before in (_parts(kind, "c", "p") for kind in FINGERPRINT)
    ]
    return (
        "SELECT n.new_key AS account_id FROM renumbered n JOIN cleaned c ON n.new_key = c.account_id "
        f"JOIN previous p ON n.customer_id = p.customer_id GROUP BY n.new_key HAVING {' AND '.join(known)}"
    )


def _tellers(accounts: str) -> str:
    """SQL: account_id, teller: the given name with each thing of one's own."""
    unknown = "'" + "-" * PRINT_LENGTH + "'"
    (given,) = _parts("given", "a")
    return " UNION ALL ".join(
        f"SELECT a.account_id, concat('{kind}', {given}, {part}) AS teller FROM ({accounts}) a "
        f"WHERE {given} <> {unknown} AND {part} <> {unknown}"
        for kind in WITH_GIVEN_NAME
        for part in _parts(kind, "a")
    )
