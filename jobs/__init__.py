"""customer-lakehouse: raw channel exports in, one trustworthy picture of each customer out.

Folders are rooms (what one row of their tables means decides which); plain files are the floor that all rooms share.
"""
