"""Exports as companies send them, proposed, checked and loaded: how many come out right."""
