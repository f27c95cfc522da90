"""Whether a customer may be contacted: reach, consent, lists, caps."""
