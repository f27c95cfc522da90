"""The match model in MLflow, and which one a night uses."""
