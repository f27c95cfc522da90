"""Set-up of a fresh clone, the nightly run and the web pages. Not a room: it makes no table.

What runs before the environment exists (`python3.11 -m lakehouse.setup`) uses the standard library alone.
"""
