"""Settings that the folders of the identity room share."""
