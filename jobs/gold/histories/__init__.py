"""Who was what from which day to which: one pair of dates, and how nights move it on, for every history of gold."""
