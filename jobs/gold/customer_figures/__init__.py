"""Figures about customers that several gold tables share, as queries for both engines."""
