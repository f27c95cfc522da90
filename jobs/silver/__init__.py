"""Silver: a thing or event as one channel saw it, typed, labelled and deduplicated."""
