"""Commands of the identity room: decide, explain, resolve, linkage."""
