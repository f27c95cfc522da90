"""Sharing orders out to the touches before them."""
