"""Expectations, compiled to one aggregate per table, the gate before a publish, and fingerprints of rows."""
