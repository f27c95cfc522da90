"""Object stores: where a lake may lie beside local folders, and how its lock and small files are kept there."""
