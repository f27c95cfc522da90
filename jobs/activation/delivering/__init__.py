"""Handing decided messages over, each once that the receiver can tell apart, and never against a consent of now."""
