"""SQL that a person writes reaches values and tables, never the machine."""

import pytest

from lakehouse.errors import ConfigError
from lakehouse.sql import allowed, dialect, expressions

REACHING = [
    "reflect('java.lang.System', 'getenv', 'HOME')",
    "java_method('java.lang.System', 'exit', 1)",
    "try_reflect('java.lang.System', 'getenv', 'HOME')",
    "`reflect`('java.lang.System', 'getenv', 'HOME')",
    "REFLECT /* hidden */ ('java.lang.System', 'getenv', 'HOME')",
    "system.builtin.reflect('java.lang.System', 'getenv', 'HOME')",
    "concat(a, upper(reflect('java.lang.System', 'getenv', 'HOME')))",
    "CASE WHEN a = 1 THEN reflect('x', 'y') END",
    "filter(b, x -> reflect('x', 'y') = x)",
    "max(a) OVER (ORDER BY reflect('x', 'y'))",
    "a -- a note\rOR reflect('x', 'y') = 'z'",
    "IDENTIFIER('reflect')('x', 'y')",
    "IDENTIFIER('re' || 'flect')('x', 'y')",
    "input_file_name()",
    "current_user()",
    "current_user",
    "session_user()",
    "current_database()",
    "version()",
    "raise_error('the night ends here')",
    "xpath(a, '/a')",
    "from_avro(a, '{}')",
    "aes_decrypt(a, 'k')",
    "(SELECT max(value) FROM text.`/etc/passwd`)",
    "a IN (SELECT value FROM csv.`/etc/passwd`)",
    "EXISTS (SELECT 1 FROM gold.rfm)",
    "(FROM csv.`/etc/passwd`)",
    "read_files('/etc/passwd')",
    "read_csv('/etc/passwd')",
    "read_text('/etc/passwd')",
    "getenv('HOME')",
]


@pytest.mark.parametrize("sql", REACHING)
def test_an_expression_that_reaches_beyond_its_row_is_refused(sql):
    for read in (expressions.parse, expressions.expand):
        with pytest.raises(ConfigError) as error:
            read(sql)
        assert error.value.remedy


@pytest.mark.parametrize("sql", ["rand()", "uuid()", "current_date()", "CURRENT_DATE", "now()", "shuffle(a)"])
def test_an_expression_that_changes_from_run_to_run_is_refused(sql):
    with pytest.raises(ConfigError, match="a night repeated would give another answer"):
        expressions.parse(f"concat(a, {sql})")


@pytest.mark.parametrize(
    "sql",
    [
        "cents(amount, ',')",
        "clean(name)",
        "try_to_date(day, 'dd.MM.yyyy')",
        "CASE WHEN (a) IN ('x') AND (b) THEN (c) ELSE lower(trim(d)) END",
        "extract(YEAR FROM day)",
        "trim(BOTH ' ' FROM a)",
        "try_cast(a AS DECIMAL(18, 2))",
        "sum(cents(amount)) FILTER (WHERE type = 'sale')",
        "transform(split(a, ','), x -> trim(x))",
        "`current_date`",
        "'reflect(' || a",
        'concat(a, "reflect(x)")',
        "a RLIKE '[$]{1}'",
        "map('a', b)['a']",
        "timestamp(day)",
        "if(a > 0, left(b, 3), right(b, 3))",
        "from_json(a, 'array<struct<price:string>>')",
        "row_number() OVER (PARTITION BY a ORDER BY b)",
        "a -- the till's own word\nOR b",
        "a\r\nOR b",
    ],
)
def test_an_expression_over_values_is_taken(sql):
    assert expressions.parse(sql)


def test_every_function_that_is_allowed_is_one_of_sparks(spark):
    names = {row.function for row in spark.sql("SHOW FUNCTIONS").collect()}
    of_the_parser = {"extract", "try_cast", "timestampadd", "timestampdiff", "first_value", "last_value"}
    assert allowed.FUNCTIONS - names - of_the_parser == {"most_frequent"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT * FROM text.`/etc/passwd`",
        "SELECT * FROM delta.`/var/other`",
        "SELECT * FROM gold.`../../other`",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT reflect('java.lang.System', 'getenv', 'HOME') FROM gold.rfm",
        "SELECT * FROM gold.rfm WHERE customer_id IN (SELECT java_method('a', 'b'))",
        "WITH x AS (SELECT input_file_name() AS f FROM gold.rfm) SELECT * FROM x",
        "SELECT getenv('HOME') FROM gold.rfm",
        "SELECT customer_id, getenv('HOME') FROM gold.rfm",
        "SELECT customer_id, xpath('<a/>', 'a') FROM gold.rfm",
        "WITH reflect(a) AS (SELECT 1) SELECT reflect('x', 'y')",
    ],
)
def test_a_query_that_reaches_beyond_the_lake_is_refused(sql):
    with pytest.raises(ConfigError):
        dialect.tables_of(dialect.query(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer_id, count(*) FROM gold.rfm GROUP BY customer_id HAVING (count(*) > 1)",
        "WITH x(a, b) AS (SELECT 1, 2) SELECT * FROM x AS y(c, d)",
        "SELECT current_date() AS today, rand() FROM gold.rfm",
        "SELECT * FROM gold.rfm JOIN gold.value USING (customer_id) WHERE a NOT IN (1, 2)",
        "SELECT explode(tags) AS tag FROM gold.profile",
    ],
)
def test_a_query_of_tables_is_taken(sql):
    assert dialect.query(sql)
