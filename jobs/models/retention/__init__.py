"""How gold.retention_actions comes about: what an action is known to change, who is worth one, and in which words."""
