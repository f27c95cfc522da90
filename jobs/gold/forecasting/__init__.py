"""Gold: weekly series, the models that may forecast them, and how far each was off before."""
