"""From pairs to people: components, groups that hold together, keys that prove, vetoes."""
