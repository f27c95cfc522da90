"""How churn is learned, logged, shown and served."""
