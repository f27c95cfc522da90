"""Gold: a customer, product, rule or channel per row, ready for use."""
