"""Tables as they are declared (Open Data Contract Standard): columns, types, keys, promises, and checks of them."""
