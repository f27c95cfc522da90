"""The lake as a job sees it: pinned versions, queries, change feed, and `publish`, the only writer."""
