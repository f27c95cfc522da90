"""Why accounts are one customer, for people."""
