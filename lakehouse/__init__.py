"""The engine under the rooms: files, configuration, contracts, Spark, SQL, Delta, quality, the lake, runs, commands.

It knows no table of the rooms in jobs/; a room is reached by the names of its jobs and commands alone, as text.
"""
