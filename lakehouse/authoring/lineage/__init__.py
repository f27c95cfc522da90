"""Column lineage: from which columns of the exports each column of each table comes, as text and as a picture."""
