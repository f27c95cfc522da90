"""What of a night is unusual against the nights before."""
