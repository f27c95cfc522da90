"""customer-lakehouse: raw channel exports in, one trustworthy picture of each customer out.

Folders are rooms (what one row of their tables means decides which); they stand on the engine in lakehouse/. In a room
a plain file is a job and bears its table's name, a folder is how it is done.
"""
