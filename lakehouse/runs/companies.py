"""One lake is one company's: own exports never land in the sample company's lake, nor its exports in one's own."""

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError
from lakehouse.storage.paths import below


def refuse_mixture(conf: Conf, root: str) -> None:
    """Stop a run whose exports have nothing in common with the lake's, where one of the two is the sample company.

    Raises:
        ConfigError: the lake is the sample's and the exports are others, or the other way round.
    """
    sample = packaged("conf") / "sample"
    names = {file.stem for file in (sample / "exports").glob("*.yaml")}
    known, asked = landed(root), set(conf.exports())
    if not known or not asked or known & asked:
        return
    if known <= names:
        raise ConfigError(
            "this lake is the sample company's, and the exports are others: in one lake their customers would be mixed",
            root,
            "name a folder of your own with --lake (and --drop), or as `lake:` in the profile",
        )
    if sample in conf.layers:
        raise ConfigError(
            "this lake has other exports than the sample company's, which is what runs without --conf",
            root,
            "name your folder with --conf, or another one for the sample with --lake",
        )


def landed(root: str) -> set[str]:
    """The exports that have lines in a lake."""
    folder = below(root, "bronze")
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return {name for name in names if delta_log.latest_version(table_path(root, f"bronze.{name}")) is not None}
