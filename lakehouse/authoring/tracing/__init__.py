"""One value of the lake, back to the lines of the exports that it was made of: `lakehouse explain TABLE.COLUMN`."""
