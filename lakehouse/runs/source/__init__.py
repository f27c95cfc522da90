"""What source code a job can reach: facts per file, resolved into a graph of definitions, hashed without places."""
