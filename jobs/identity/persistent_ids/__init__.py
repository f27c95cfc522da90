"""Ids that last: which id a group keeps, the ledger, evidence, decisions, what is in doubt."""
