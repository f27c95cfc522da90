"""How lines of bronze become rows of silver: mapped, typed, labelled, merged by key, counted."""
