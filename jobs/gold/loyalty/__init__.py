"""The loyalty programme: what moves points, which points are taken, and which tier they make."""
