"""Gold: baskets as bit rows, itemsets and rules."""
