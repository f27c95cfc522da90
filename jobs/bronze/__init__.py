"""Bronze: an exported line, unchanged, all text, with its file and line."""
