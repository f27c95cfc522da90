"""Measurements against named peers, each runnable by one command."""
