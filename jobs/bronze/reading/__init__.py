"""How landed files become lines: in parts, side by side, each line with file and number."""
