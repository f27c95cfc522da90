"""Names as accounts have them: split where they come in one field, turned where they stand in each other's.

Given name and surname survive each for itself: a new surname beside the given name of an older account is still one
person's name, and spellings of either correct each other. Only names in each other's fields would mix into nonsense,
and those are turned first. SQL for both engines, as named steps (lakehouse/lake/queries.py).
"""

from jobs.identity.golden.places import PARTS

BESIDE = ("sex", "email", "is_email_verified", "phone", "birth_date", *PARTS)  # what the names stand beside


def name_steps() -> dict[str, str]:
    """From the tables `customers` and `customer_map` to `named`.

    Returns:
        account_values: one row per account with a customer: texts without outer spaces or NULL; recency counts the
        dates of a customer's accounts upwards, an account without one is lowest; is_alone: its customer has no other.
        named: the same with given_name and surname in their places, and names_method, which says how.
    """
    known = {f"known_{name}": _known(field) for name, field in (("given", "given_name"), ("surname", "surname"))}
    return {
        "account_values": account_values_sql(),
        "split": _split(),
        **known,
        "swapped": _swapped(),
        "named": _named(),
    }


def account_values_sql() -> str:
    """One row per account with a customer, see `name_steps`; over the tables customers and customer_map."""
    texts = ", ".join(
        _trimmed(name) for name in ("given_name", "surname", "full_name", "sex", "email", "phone", *PARTS)
    )
    return f"""
        SELECT m.customer_id, m.account_id, m.channel, {texts}, CAST(c.birth_date AS STRING) AS birth_date,
               coalesce(c.is_email_verified, FALSE) AS is_email_verified,
               dense_rank() OVER (PARTITION BY m.customer_id
                   ORDER BY coalesce(c.updated_at, c.registered_at) NULLS FIRST) AS recency,
               count(*) OVER (PARTITION BY m.customer_id) = 1 AS is_alone
        FROM {{customer_map}} m JOIN {{customers}} c ON m.account_id = c.account_id"""


def _trimmed(name: str) -> str:
    return f"nullif(trim(c.{name}), '') AS {name}"


def _split() -> str:
    """Forms "Family, Given" or "Given ... Family"; one word alone is a family name."""
    comma, alone = "instr(full_name, ',') > 0", "instr(full_name, ' ') = 0"
    given = (
        f"CASE WHEN {comma} THEN trim(split_part(full_name, ',', 2)) WHEN {alone} THEN NULL "
        "ELSE split_part(full_name, ' ', 1) END"
    )
    family = f"CASE WHEN {comma} THEN trim(split_part(full_name, ',', 1)) ELSE split_part(full_name, ' ', -1) END"
    parts = ", ".join(BESIDE)
    return f"""
        SELECT customer_id, account_id, channel, recency, is_alone, {parts},
               CASE WHEN is_whole THEN nullif({given}, '') ELSE given_name END AS given_name,
               CASE WHEN is_whole THEN nullif({family}, '') ELSE surname END AS surname,
               CASE WHEN is_whole THEN 'split_from_full_name' ELSE 'observed' END AS names_method
        FROM (SELECT *, given_name IS NULL AND surname IS NULL AND full_name IS NOT NULL AS is_whole
              FROM account_values) w"""


def _known(field: str) -> str:
    """How often a word stands in this field over the whole company."""
    return f"SELECT lower({field}) AS word, count(*) AS n FROM split WHERE {field} IS NOT NULL GROUP BY lower({field})"


def _swapped() -> str:
    """Accounts whose names stand in each other's fields.

    More of the customer's accounts have them the other way round than as this one does; where that is even, the whole
    company meets the words more often the other way round.
    """
    return """
        SELECT a.account_id
        FROM (SELECT a.account_id, lower(a.given_name) AS given, lower(a.surname) AS family,
                     count(CASE WHEN lower(a.given_name) = lower(b.surname) OR lower(a.surname) = lower(b.given_name)
                                THEN 1 END) AS turned,
                     count(CASE WHEN lower(a.given_name) = lower(b.given_name) OR lower(a.surname) = lower(b.surname)
                                THEN 1 END) AS alike
              FROM split a JOIN split b ON a.customer_id = b.customer_id
              WHERE lower(a.given_name) <> lower(a.surname)
              GROUP BY a.account_id, lower(a.given_name), lower(a.surname)) a
        LEFT JOIN known_given gg ON gg.word = a.given LEFT JOIN known_surname ff ON ff.word = a.family
        LEFT JOIN known_surname gf ON gf.word = a.given LEFT JOIN known_given fg ON fg.word = a.family
        WHERE a.turned > a.alike OR (a.turned = a.alike AND
            (coalesce(gf.n, 0) + 1) * (coalesce(fg.n, 0) + 1) > (coalesce(gg.n, 0) + 1) * (coalesce(ff.n, 0) + 1))"""


def _named() -> str:
    parts = ", ".join(f"s.{name}" for name in BESIDE)
    turned = "w.account_id IS NOT NULL"
    return f"""
        SELECT s.customer_id, s.account_id, s.channel, s.recency, s.is_alone, {parts},
               CASE WHEN {turned} THEN s.surname ELSE s.given_name END AS given_name,
               CASE WHEN {turned} THEN s.given_name ELSE s.surname END AS surname,
               CASE WHEN {turned} THEN 'turned_names' ELSE s.names_method END AS names_method
        FROM split s LEFT JOIN swapped w ON s.account_id = w.account_id"""
