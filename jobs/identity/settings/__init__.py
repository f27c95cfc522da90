"""What the room's YAML may say: conf/<subject>.yaml is `Settings` of <subject>.py here; no Spark is imported."""
