"""Identity: which accounts are one person, and the id that the person keeps."""
