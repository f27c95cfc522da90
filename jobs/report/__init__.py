"""Report: one page about the night, and Great Expectations' Data Docs."""
