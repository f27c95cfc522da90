"""Models of any table with a label: one YAML each, from examples to a champion with reasons."""
