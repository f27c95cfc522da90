"""Occasions and audiences: who is meant, by definitions in YAML, and what holds them back."""
