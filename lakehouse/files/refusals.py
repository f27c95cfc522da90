"""What landing decides about a file, in words for the ledger and the person who reads it."""


class NotTakenError(Exception):
    """A file is not taken: its state, why, and the remedy. Neither text ever holds a value from the file."""

    state = "refused"

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(reason)


class RefusedError(NotTakenError):
    """The file cannot be used as it is."""


class MissingColumnsError(RefusedError):
    """Required columns are not there; `lost` and `new` name them and those that the export does not know."""

    def __init__(self, reason: str, remedy: str, lost: tuple[str, ...], new: tuple[str, ...]) -> None:
        self.lost, self.new = lost, new
        super().__init__(reason, remedy)


class WaitingError(NotTakenError):
    """The file is not complete yet; a later night looks again."""

    state = "incomplete"


class UnknownError(NotTakenError):
    """The file belongs to no export."""

    state = "unknown"
