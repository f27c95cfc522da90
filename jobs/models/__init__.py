"""The models room: examples and predictions; the models themselves live in MLflow."""
