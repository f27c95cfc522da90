"""Runs of jobs: the graph, why a job runs, code hashes, nights, their steps, replays."""
