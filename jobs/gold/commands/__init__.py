"""Commands of the gold room: tags, segments."""
