"""Which records are one: fields to comparisons, blocking, training, weights."""
