"""Landing's settings: conf/landing.yaml."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Which delivered files are taken and how they are read; the YAML file says what each means."""

    stable_seconds: float
    ignored: tuple[str, ...]
    unfinished: tuple[str, ...]
    fallback_encodings: tuple[str, ...]
    max_files: int
    max_depth: int
    max_file_megabytes: int
    max_expanded_megabytes: int
    max_expansion_ratio: int
    ratio_counts_from_megabytes: float
    max_line_megabytes: float
    split_megabytes: float
    header_megabytes: float
    max_document_megabytes: float
    max_members: int
    threads: int
