"""Upkeep: compaction and clean-up, beside the night."""
