"""The commands of `lakehouse`, one module each: `add_arguments(parser)` and `run(options) -> exit code`."""
