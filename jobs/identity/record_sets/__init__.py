"""Any record file linked by YAML alone, and how right a linkage is."""
