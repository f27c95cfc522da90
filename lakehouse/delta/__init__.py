"""Delta tables on disk: their log, reads and commits through delta-rs, writes through Spark."""
