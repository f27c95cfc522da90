"""Files that cannot be read although landing took them."""
