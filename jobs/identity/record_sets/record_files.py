"""Records from files, cleaned by what their columns mean: DuckDB alone, for sets that are not in the lake.

A cleaner is total: any text gives a value or NULL. What the lake's own cleaners know better (names, numbers, Chinese
addresses) is theirs, see record_cleaning.py.
"""

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from jobs.identity.cleaners.junk import NAMES_TOO
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.semantic_types import TYPES, Field
from lakehouse.errors import ConfigError
from lakehouse.sql.literal import identifier, literal

SOURCE = "source file of the record"  # no column of a file is called so
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


CLEANERS: dict[str, Callable[[str], str]] = {
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


def text_of(column: str, unknown: Sequence[str], is_name: bool = False) -> str:
    """SQL: a text, NULL when it is empty, without a letter or digit, or a word for "unknown".

    Args:
        column: its name in SQL.
        unknown: those words as cleaned.
        is_name: "Na" and the like, written as names are, may be one.
    """
    text = f"trim(CAST({column} AS VARCHAR))"
    bare = rf"regexp_replace(lower(strip_accents({text})), '[^\p{{L}}\p{{N}}]', '', 'g')"
    words = ", ".join(text_literal(word) for word in ("", *unknown))
    names = ", ".join(text_literal(word.title()) for word in NAMES_TOO)
    known = f"{bare} NOT IN ({words})" + (f" OR {text} IN ({names})" if is_name else "")
    return f"CASE WHEN {known} THEN {text} END"


def text_literal(text: str) -> str:
    """A text in DuckDB's SQL."""
    return literal(text, "duckdb")


def source_names(files: Sequence[Path]) -> list[str]:
    """What the source of each file is called: its name without ending, numbered where two would be alike."""
    stems = [path.stem for path in files]
    return [stem if stems.count(stem) == 1 else f"{stem}_{number}" for number, stem in enumerate(stems, 1)]


def read(engine: DuckDBEngine, table: str, files: Sequence[Path], key: str) -> None:
    """Make `table` of CSV, Parquet or JSON lines files: their columns, and SOURCE.

    Raises:
        ConfigError: a file is not there, cannot be read, has a form that is not known, two columns of one name, or no
            column `key`.
    """
    selects = []
    for path, name in zip(files, source_names(files), strict=True):
        scan = _scan(path)
        columns = _columns(engine, scan, path)
        require([key], columns, path.name)
        kept = ", ".join(f"{quoted(c)} AS {quoted(c.strip())}" for c in columns)
        selects.append(f"SELECT {kept}, {text_literal(name)} AS {quoted(SOURCE)} FROM {scan}")
    try:
        engine.make(table, " UNION ALL BY NAME ".join(selects))
    except duckdb.Error as error:
        raise _unreadable(", ".join(path.name for path in files)) from error


def _scan(path: Path) -> str:
    """SQL of the rows of a file."""
    if not path.is_file():
        raise ConfigError("there is no such record file", str(path), "give --records an existing file")
    pattern = text_literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({pattern})"
    if path.suffix.lower() in (".json", ".jsonl"):
        return f"read_json({pattern})"
    return f"read_csv({pattern}, all_varchar = true, header = true, quote = '\"', escape = '\"')"


def _columns(engine: DuckDBEngine, scan: str, path: Path) -> list[str]:
    try:
        columns: list[str] = engine.connection.sql(f"SELECT * FROM {scan}").columns
    except duckdb.Error as error:
        raise _unreadable(path.name) from error
    plain = [column.strip().lower() for column in columns]  # some exports put spaces around names
    twice = sorted({column for column in plain if plain.count(column) > 1})
    if twice:
        raise ConfigError(f"two columns are called '{twice[0]}'", path.name, "rename one of them")
    return columns


def _unreadable(name: str) -> ConfigError:
    return ConfigError(
        "the records cannot be read", name, "give CSV in UTF-8 with a header, Parquet, or JSON with one object per line"
    )


def require(wanted: Iterable[str], columns: Sequence[str], name: str) -> None:
    """Columns that a file must have.

    Raises:
        ConfigError: one is missing, with the nearest that there is.
    """
    there = [column.strip() for column in columns]
    for column in wanted:
        if column.lower() not in {c.lower() for c in there}:
            near = difflib.get_close_matches(column, there, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ConfigError(f"the file has no column '{column}'", name, f"it has {', '.join(there)}{hint}")


def account_id(key: str, source: str, several: bool) -> str:
    """SQL of a record's key, with its source where keys of two sources may be the same."""
    own = f"trim(CAST({quoted(key)} AS VARCHAR))"
    return f"concat({source}, ':', {own})" if several else own


def cleaned(
    source: str,
    columns: Mapping[str, str],
    fields: Sequence[Field],
    account: str,
    channel: str,
    clean: Collection[str] = (),
) -> str:
    """A query that makes `cleaned` of the engine.

    Args:
        source: table of texts.
        columns: field -> SQL of its text.
        account: SQL of the record's key; channel: SQL of the source that it comes from.
        clean: columns of the source that are kept as they are: fields that are clean already, and others.
    """
    made = {f.name: columns[f.name] if f.name in clean else CLEANERS[f.type](columns[f.name]) for f in fields}
    values = ", ".join(
        [*(f"{sql} AS {name}" for name, sql in made.items()), *(name for name in clean if name not in made)]
    )
    usable = " OR ".join(f"{f.name} IS NOT NULL" for f in fields)
    derived_columns = "".join(f", {sql} AS {name}" for name, sql in parts(fields).items())
    every = ", '|', ".join(f"coalesce(CAST({f.name} AS VARCHAR), '')" for f in fields)
    return (
        f"SELECT *{derived_columns}, CASE WHEN {usable} THEN md5(concat({every})) END AS record_hash FROM "
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
