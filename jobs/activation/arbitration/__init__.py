"""Who gets which message when there are more candidates than a customer, a channel or a message can take."""
