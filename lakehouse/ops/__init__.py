"""What a run leaves behind for those who watch it: run log, history, counters, ops tables; and the lake's lock."""
