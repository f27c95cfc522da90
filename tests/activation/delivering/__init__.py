"""Tests of handing over: receivers on loopback, and a lake on disk for processes that are killed."""
