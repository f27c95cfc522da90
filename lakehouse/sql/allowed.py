"""What an expression or query that a person wrote may call: functions of values, and nothing of the machine.

Spark's SQL reaches further than values: `reflect` and `java_method` run code, `input_file_name` names a path, a
subquery or a table function reads a file. So the names are an allow-list, held against the words of the text itself:
what the parser makes of a call (its own classes, other dialects' names) does not count, what Spark will read does.
That `${env:NAME}` stays a text is a setting of the session.
"""

import difflib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.tokenizer_core import Token, TokenType

from lakehouse.errors import ConfigError
from lakehouse.sql.macros import MACROS

NAMES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("functions.yaml").read_text(encoding="utf-8"))


def _named(group: str) -> frozenset[str]:
    return frozenset(NAMES[group].split())


AGGREGATES = _named("aggregates")
FUNCTIONS = AGGREGATES | _named("values")
CHANGING = _named("changing")
WITHOUT_PARENTHESES = _named("without_parentheses")
QUOTED = (TokenType.STRING, TokenType.IDENTIFIER)
KEYWORDS = _named("keywords")
TABLE_FUNCTIONS = _named("tables")


def check(text: str, tree: exp.Expr) -> None:
    """Refuse an expression that reaches beyond the values of its row or group.

    Args:
        text: as it was written, in Spark's SQL.
        tree: what the parser made of it.

    Raises:
        ConfigError: a query inside, or a function that is not allowed; names it.
    """
    if tree.find(exp.Query, exp.Table, exp.Command):
        raise ConfigError(
            "a query inside a condition is not allowed", "", "use columns; put the figure into a gold table first"
        )
    for name in calls(text):
        _check_name(name, FUNCTIONS | MACROS.keys())


def check_query(text: str, tree: exp.Expr) -> None:
    """Refuse a query that reaches beyond tables and their values.

    Raises:
        ConfigError: a function that is not allowed; names it.
    """
    for name in calls(text):
        if name not in CHANGING:  # an answer is read once
            _check_name(name, FUNCTIONS | TABLE_FUNCTIONS | _defined(tree))


def calls(text: str) -> Iterator[str]:
    """The functions that a text calls, in small letters, as Spark reads it.

    Raises:
        ConfigError: the text has a sign that Spark would read as something else.
    """
    words = _tokens(text)
    for word, following in zip(words, [*words[1:], None], strict=True):
        name = word.text.lower()
        is_name = word.token_type != TokenType.STRING and (name[:1].isalpha() or name[:1] == "_")
        if is_name and following is not None and following.token_type == TokenType.L_PAREN:
            if name not in KEYWORDS or word.token_type == TokenType.IDENTIFIER:
                yield name
        elif name in WITHOUT_PARENTHESES and word.token_type not in QUOTED:
            yield name


def _tokens(text: str) -> list[Token]:
    """The text's words.

    A lone carriage return ends a comment for Spark alone.
    """
    if any(ord(sign) < ord(" ") and sign not in "\t\n" for sign in text.replace("\r\n", "\n")):
        raise ConfigError("a control character stands in the SQL", "", "write spaces and line feeds only")
    try:
        return Spark().tokenize(text)
    except ValueError as error:
        raise ConfigError("this is no SQL expression", "", "correct it") from error


def _check_name(name: str, allowed: frozenset[str] | set[str]) -> None:
    if name in allowed:
        return
    if name in CHANGING:
        raise ConfigError(f"{name}(): a night repeated would give another answer", "", "write run_date or a column")
    near = difflib.get_close_matches(name, sorted(allowed), n=1)
    if name in _known():
        raise ConfigError(f"{name}() is not allowed here: it reaches beyond the values of a row", "", "use columns")
    raise ConfigError(f"Spark has no function '{name}'", "", f"did you mean '{near[0]}'?" if near else "correct it")


@cache
def _known() -> frozenset[str]:
    """Spark's functions as far as pyspark tells, and those that it does not."""
    from pyspark.sql.functions import builtin

    own = "identifier input_file_block_length input_file_block_start xpath read_files java_method try_reflect stack"
    return frozenset(name.lower() for name in dir(builtin)) | frozenset(own.split())


def _defined(tree: exp.Expr) -> frozenset[str]:
    """Names with a column list in a query, which look like calls: of its WITH parts, and of tables' aliases."""
    aliases = {alias.name.lower() for alias in tree.find_all(exp.TableAlias) if alias.args.get("columns")}
    return frozenset(aliases) - _known()
