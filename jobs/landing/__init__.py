"""Landing: a file as received."""
