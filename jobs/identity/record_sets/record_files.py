"""Records from files, cleaned by what their columns mean: DuckDB alone, for sets that are not in the lake.

A cleaner is total: any text gives a value or NULL. Cleaners of the same name in cleaning.py are Spark's, for the lake.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jobs.identity.matching.lanes import DuckDBLane
from jobs.identity.matching.semantic_types import TYPES, Field
from lakehouse.errors import ConfigError
from lakehouse.sql.literal import identifier, literal

BIRTH_FORMS = ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")


def plain(text: str) -> str:
    """SQL: lower case, no accents, NULL for nothing."""
    return f"nullif(lower(strip_accents(trim(CAST({text} AS VARCHAR)))), '')"


def _kept(text: str, letters: str) -> str:
    return f"nullif(regexp_replace({plain(text)}, '[^{letters}]', '', 'g'), '')"


def _letters(text: str) -> str:
    return _kept(text, r"\p{L}")


def _code(text: str) -> str:
    kept = _kept(text, r"\p{L}\p{N}")
    return f"CASE WHEN NOT regexp_matches({plain(text)}, '^(0+|x+|9{{4,}})$') THEN {kept} END"


def _date(text: str) -> str:
    """yyyyMMdd; eight digits that are no day stay, as most of them are right."""
    forms = ", ".join(f"'{form}'" for form in BIRTH_FORMS)
    day = f"strftime(try_strptime({plain(text)}, [{forms}]), '%Y%m%d')"
    digits = _kept(text, "0-9")
    return f"coalesce({day}, CASE WHEN length({digits}) = 8 THEN {digits} END)"


def _words(text: str) -> str:
    """Words; a number is a word of its own: "DX-100", "DX 100" and "DX100" are one."""
    parted = rf"regexp_replace({plain(text)}, '(\p{{L}})(\p{{N}})|(\p{{N}})(\p{{L}})', '\1\3 \2\4', 'g')"
    spaced = rf"trim(regexp_replace(replace({parted}, '''', ''), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"
    return f"nullif({spaced}, '')"


def _phone(text: str) -> str:
    digits = _kept(text, "0-9")
    several = f"length(replace({digits}, {digits}[1], '')) > 0"  # not one digit repeated
    return f"CASE WHEN length({digits}) BETWEEN 6 AND 15 AND {several} THEN {digits} END"


def _email(text: str) -> str:
    return f"CASE WHEN regexp_matches({plain(text)}, '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$') THEN {plain(text)} END"


CLEANERS = {
    "given_name": _letters,
    "family_name": _letters,
    "birth_date": _date,
    "address": lambda t: _kept(t, r"\p{L}\p{N}"),
    "street_number": _code,
    "postcode": _code,
    "city": _letters,
    "region": _letters,
    "email": _email,
    "phone": _phone,
    "national_id": _code,
    "company": _words,
    "free_text": _words,
    "category": _words,
    "number": lambda t: f"TRY_CAST(regexp_extract({plain(t)}, '-?[0-9]+([.][0-9]+)?') AS DOUBLE)",
}


def quoted(column: str) -> str:
    """A column's name in SQL."""
    return identifier(column, "duckdb")


def unquoted(column: str) -> str:
    """A column's name as written."""
    return column[1:-1].replace('""', '"')


def told(column: str) -> str:
    """SQL: a text, NULL when it is empty."""
    return f"nullif(trim(CAST({column} AS VARCHAR)), '')"


def read(lane: DuckDBLane, table: str, files: Sequence[Path], key: str) -> None:
    """Make `table` of CSV, Parquet or JSON lines files: all columns as text, and source_file.

    Raises:
        ConfigError: a file is not there, has a form that is not known, or has no column `key`.
    """
    selects = []
    for path in files:
        if not path.is_file():
            raise ConfigError("there is no such record file", str(path), "give --records an existing file")
        name = literal(str(path), "duckdb")
        reader = {
            ".parquet": f"read_parquet({name})",
            ".jsonl": f"read_json({name})",
            ".json": f"read_json({name})",
        }
        csv = f"""read_csv({name}, all_varchar = true, header = true, quote = '"', escape = '"')"""
        scan = reader.get(path.suffix, csv)
        columns = lane.connection.sql(f"SELECT * FROM {scan}").columns  # some exports put spaces around names
        if key not in {column.strip() for column in columns}:
            raise ConfigError(f"the file has no column '{key}'", str(path), f"it has {', '.join(columns)}")
        kept = ", ".join(f"{quoted(c)} AS {quoted(c.strip())}" for c in columns)
        source = literal(path.stem, "duckdb")
        selects.append(f"SELECT {kept}, {source} AS source_file FROM {scan}")
    lane.make(table, " UNION ALL BY NAME ".join(selects))


def account_id(key: str, source: str, several: bool) -> str:
    """SQL of a record's key, with its source where keys of two sources may be the same."""
    own = f"trim(CAST({quoted(key)} AS VARCHAR))"
    return f"concat({source}, ':', {own})" if several else own


def split_name(name: str, text: str) -> dict[str, str]:
    """Given and family name of a full name: "Family, Given" or "Given ... Family"; one word alone is the family's."""
    parts = f"string_split_regex({text}, '\\s+')"
    given = f"CASE WHEN contains({text}, ',') THEN split_part({text}, ',', 2) WHEN len({parts}) > 1 THEN {parts}[1] END"
    family = f"CASE WHEN contains({text}, ',') THEN split_part({text}, ',', 1) ELSE {parts}[-1] END"
    return {f"{name}_given": given, f"{name}_family": family}


def cleaned(source: str, columns: Mapping[str, str], fields: Sequence[Field], account: str, channel: str) -> str:
    """A query that makes `cleaned` of the engine.

    Args:
        source: table of texts.
        columns: field -> SQL of its text.
        account: SQL of the record's key; channel: SQL of the source that it comes from.
    """
    values = ", ".join(f"{CLEANERS[f.type](columns[f.name])} AS {f.name}" for f in fields)
    usable = " OR ".join(f"{f.name} IS NOT NULL" for f in fields)
    told = "".join(f", {sql} AS {name}" for name, sql in parts(fields).items())
    every = ", '|', ".join(f"coalesce(CAST({f.name} AS VARCHAR), '')" for f in fields)
    return (
        f"SELECT *{told}, CASE WHEN {usable} THEN md5(concat({every})) END AS record_hash FROM "
        f"(SELECT {account} AS account_id, {channel} AS channel, {values} FROM {source}) c"
    )


def parts(fields: Sequence[Field]) -> dict[str, str]:
    """Derived columns that comparisons and blocking need: name -> SQL over the cleaned fields."""
    made = {}
    for f in fields:
        if "_year" in TYPES[f.type].parts:
            made[f"{f.name}_year"] = f"substr({f.name}, 1, 4)"
            made[f"{f.name}_day_month"] = f"concat(substr({f.name}, 7, 2), substr({f.name}, 5, 2))"
        if "_digits" in TYPES[f.type].parts:
            made[f"{f.name}_digits"] = f"array_to_string(list_sort(string_split({f.name}, '')), '')"
    given, family = ([f.name for f in fields if f.type == kind][:1] for kind in ("given_name", "family_name"))
    if given and family:
        both = f"{given[0]}, {family[0]}"
        known = f"{given[0]} IS NOT NULL AND {family[0]} IS NOT NULL"
        made["names"] = f"CASE WHEN {known} THEN concat(least({both}), ' ', greatest({both})) END"
    return made
