"""Pages of the reference, made from what is declared: the command line, contracts, settings, docstrings."""
