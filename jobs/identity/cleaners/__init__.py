"""Comparable fields from what channels export: names of the world, addresses, numbers."""
