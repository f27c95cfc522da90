"""Activation: whom someone may write to, and why."""
