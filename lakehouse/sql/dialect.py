"""Spark's SQL in DuckDB's words."""

import sqlglot


def in_duckdb(sql: str) -> str:
    """One statement of Spark SQL as DuckDB understands it."""
    return sqlglot.transpile(sql, read="spark", write="duckdb")[0]
