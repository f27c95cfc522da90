"""Gold: the models of customer value, and what they are fitted on."""
