"""What customers' answers say of the channel and the hour that reach them, and how far that may be believed."""
