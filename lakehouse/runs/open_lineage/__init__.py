"""What ran and what it was made of, as OpenLineage events (spec 2-0-2): to a file of each run, or to a server."""
