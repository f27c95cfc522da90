"""Which first purchase makes another likely, how much later, and against what: parts of gold.follow_on_rules."""
