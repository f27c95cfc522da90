"""Spark's SQL as conf and jobs write it: our macros, checks, and the same in DuckDB's words."""
