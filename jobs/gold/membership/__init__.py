"""Who belongs to what by a rule that a steward wrote, since when and until when: parts of segments and tags."""
