"""Reading experiments: what a treatment changed, with what certainty, and whether the reading may be trusted."""
