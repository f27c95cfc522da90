"""What a steward writes in conf/, checked, previewed and proposed, without Spark."""
