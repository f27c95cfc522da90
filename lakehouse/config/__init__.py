"""What users change in conf/: YAML documents with the line of every key, their layers, and the models they must fit."""
