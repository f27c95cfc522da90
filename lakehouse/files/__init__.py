"""Readers of the files that channels send: encodings, CSV, JSON lines, Parquet; bytes in, columns of text out."""
