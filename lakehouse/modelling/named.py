"""The models of conf by their names; nothing that is needed for training is imported."""

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.modelling import spec

FOLDER = "models"


def models_of(conf: Conf) -> list[str]:
    """The names of all models in conf."""
    return sorted({path.stem for path in conf.files(f"{FOLDER}/*.yaml")})


def model_of(conf: Conf, name: str) -> spec.Model:
    """A model by its name.

    Raises:
        ConfigError: there is no such file, or it is not right.
    """
    model = conf.settings(f"{FOLDER}/{name}", spec.Model)
    if model.model != name:
        document = conf.document(f"{FOLDER}/{name}")
        raise ConfigError(
            f"model '{model.model}' stands in a file of another name",
            document.where(("model",)),
            f"name the file {model.model}.yaml",
        )
    return model
