"""Nights of a small company, disturbed in every way that a machine knows, and what became of them."""
