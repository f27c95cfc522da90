"""The best value of each attribute of a customer."""
