"""Commands of the report room: summary."""
