"""What to recommend to whom: candidates, a ranker learned from past nights, a fair and explained choice."""
