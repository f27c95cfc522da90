"""The `lakehouse` command: one module per command; commands of rooms are named as text."""

import os

# settings are plain models: looking for plug-ins would read every installed package's metadata at each start
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
