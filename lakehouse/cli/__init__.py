"""The `lakehouse` command: one module per command; commands of rooms are named as text."""
