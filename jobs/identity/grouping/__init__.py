"""From pairs to people: components, groups that hold together, keys that prove, cannot-link rules."""
