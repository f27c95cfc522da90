"""Persistent ids: which id a group keeps, the ledger, evidence, decisions, what is to be reviewed."""
