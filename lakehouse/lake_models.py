"""The models of one lake in MLflow: several lakes may share a store, and none serves, moves or removes another's.

A registered model carries the id of the lake whose it is as a tag. A kind of model has its plain name in the store
while that is free or this lake's own; where it is another lake's, ours is the plain name and the beginning of our id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakehouse.lake.lake import Lake
from lakehouse.mlflow_store import ALIAS, UNKNOWN, aliases_in_file, connected, name_filter, tracking_uri
from lakehouse.ops import lake_id as lake_ids
from lakehouse.ops.history import History

LAKE = "lake_id"  # tag of registered models and of their versions: whose they are
ANOTHER = "another"  # a version from before lakes had ids that this lake did not make
VERSIONS = "delta_version."  # tags of a run begin so: the versions of the tables that its model was made of
SHORT = 8  # digits of an id in a name


@dataclass(frozen=True)
class LakeModels:
    """MLflow as one lake sees it.

    lake_id: empty in a replay of a lake without an id, which then has no model.
    """

    uri: str
    lake_id: str

    @property
    def client(self) -> Any:
        """MLflow's client of the store."""
        return connected(self.uri).MlflowClient()

    def names(self, kind: str) -> tuple[str, ...]:
        """The names that this lake's models of a kind may have, the one to take first first."""
        return (kind, f"{kind}_{self.lake_id[:SHORT]}", f"{kind}_{self.lake_id}") if self.lake_id else ()

    def name(self, kind: str) -> str | None:
        """The registered model of a kind that is this lake's, None where it has none."""
        client = self.client
        owners = ((name, owner(client, name)) for name in self.names(kind))
        return next((name for name, whose in owners if whose == self.lake_id), None)

    def register(self, kind: str, about: str, logged: Any, run_id: str, **facts: Any) -> str:
        """Register a logged model as this lake's; the new version.

        Args:
            about: what the models of this kind are, in a sentence.
            **facts: tags and description of the version.

        Raises:
            ValueError: this view has no lake, and may register nothing.
        """
        client = self.client
        name = self.name(kind) or self._made(client, kind, about)
        facts["tags"] = {**facts.get("tags", {}), LAKE: self.lake_id}
        client.set_tag(run_id, LAKE, self.lake_id)  # runs of one kind stand in one experiment, whose lake's ever
        # the fluent form prints into the night's progress
        version = client.create_model_version(name, logged.model_uri, run_id, model_id=logged.model_id, **facts)
        return str(version.version)

    def _made(self, client: Any, kind: str, about: str) -> str:
        """The first of our names that is free: making it is what decides, should two lakes come at once."""
        from mlflow.exceptions import MlflowException

        for name in self.names(kind):
            words = about if name == kind else f"{about}; the name without an id is another lake's"
            try:
                client.create_registered_model(name, tags={LAKE: self.lake_id}, description=words)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            else:
                return name
        raise ValueError(f"no name is left for a model of the kind {kind}")

    def version(self, kind: str, number: str) -> Any | None:
        """A version of this lake's models of a kind, None where there is none that is its own."""
        name = self.name(kind)
        version = _or_none(lambda: self.client.get_model_version(name, number)) if name else None
        return version if version and self.is_own(version) else None

    def versions(self, kind: str) -> list[Any]:
        """All of this lake's versions of a kind."""
        name = self.name(kind)
        every = self.client.search_model_versions(name_filter(name)) if name else ()
        return [version for version in every if self.is_own(version)]

    def champion(self, kind: str) -> Any | None:
        """The version that the champion's alias points at, None where there is none that is this lake's."""
        name = self.name(kind)
        version = _or_none(lambda: self.client.get_model_version_by_alias(name, ALIAS)) if name else None
        return version if version and self.is_own(version) else None

    def champion_number(self, kind: str) -> str | None:
        """The champion's version; of our own SQLite file without loading MLflow, which takes seconds.

        Raises:
            sqlite3.Error, MlflowException: the store cannot be read.
        """
        known = aliases_in_file(self.uri, self.names(kind), LAKE)
        if known is None:
            version = self.champion(kind)
            return str(version.version) if version else None
        own = [alias for alias in known if alias.model_tag == self.lake_id]
        return next((alias.version for alias in own if alias.version_tag in (None, self.lake_id)), None)

    def promote(self, kind: str, number: str) -> None:
        """Let the champion's alias point at one of this lake's versions.

        Raises:
            ValueError: the version is not this lake's.
        """
        version = self.version(kind, number)
        if version is None:
            raise ValueError(f"version {number} of {kind} is not this lake's")
        self.client.set_registered_model_alias(version.name, ALIAS, number)

    def tag(self, kind: str, number: str, key: str, value: str) -> None:
        """Tag one of this lake's versions.

        Raises:
            ValueError: the version is not this lake's.
        """
        version = self.version(kind, number)
        if version is None:
            raise ValueError(f"version {number} of {kind} is not this lake's")
        self.client.set_model_version_tag(version.name, number, key, value)

    def is_own(self, version: Any) -> bool:
        """Whether a version under a name of ours may be used: ours by its tag, or registered there by hand."""
        return bool(version.tags.get(LAKE, self.lake_id) == self.lake_id)


def of_lake(lake: Lake) -> LakeModels:
    """The models of a lake; a lake without an id gets one, and with it what its own runs registered before.

    A replay is of the lake that it replays, and makes nothing.

    Raises:
        LakehouseError: the lake's id cannot be read.
        MlflowException, OSError: the lake has a past and no id, and MLflow cannot be reached.
    """
    uri = tracking_uri(lake.profile)
    if lake.base is not None:
        return LakeModels(uri, lake_ids.read(lake.base.root) or "")
    return of_root(uri, lake.root)


def of_root(uri: str, root: str) -> LakeModels:
    """The models of the lake in a folder; see `of_lake`."""
    return LakeModels(uri, lake_ids.made(root, before=lambda new: adopt(LakeModels(uri, new), root)))


def adopt(models: LakeModels, root: str) -> None:
    """Mark as a lake's own what its runs registered before lakes had ids; what is another's, or unknown, stays.

    A version is the lake's own when it was registered while a job of the lake ran that had read the same versions of
    the same tables. A name is, when one of its versions is and its champion is no other lake's.
    """
    runs = [row for row in History(root).rows if row["outcome"] == "done" and row["inputs"]]
    if not runs:
        return
    client = models.client
    for name in [model.name for model in _registered(client) if LAKE not in model.tags]:
        versions = list(client.search_model_versions(name_filter(name)))
        traces = {str(version.version): is_of_runs(client, version, runs) for version in versions}
        champion = _or_none(lambda name=name: client.get_model_version_by_alias(name, ALIAS))
        if True not in traces.values() or (champion and traces[str(champion.version)] is False):
            continue
        client.set_registered_model_tag(name, LAKE, models.lake_id)
        for number, is_ours in traces.items():
            if is_ours is not None:
                client.set_model_version_tag(name, number, LAKE, models.lake_id if is_ours else ANOTHER)


def is_of_runs(client: Any, version: Any, runs: list[dict[str, Any]]) -> bool | None:
    """Whether one of these runs registered a version; None for one that says of no table what it was made of."""
    tags = client.get_run(version.run_id).data.tags if version.run_id else {}
    made_of = {key.removeprefix(VERSIONS): value for key, value in tags.items() if key.startswith(VERSIONS)}
    if not made_of:
        return None
    moment = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    meanwhile = (row for row in runs if row["started_at"] <= moment <= row["ended_at"])
    return any(_agree(made_of, dict(row["inputs"])) for row in meanwhile)


def _agree(made_of: dict[str, str], inputs: dict[str, int]) -> bool:
    """Whether a model's tables and a job's have one in common, and all of those in the same versions."""
    common = made_of.keys() & inputs.keys()
    return bool(common) and all(made_of[table] == str(inputs[table]) for table in common)


def owner(client: Any, name: str) -> str | None:
    """The id of the lake that a registered model belongs to; empty where it says none, None where it is not there."""
    model = _or_none(lambda: client.get_registered_model(name))
    return None if model is None else str(model.tags.get(LAKE, ""))


def _registered(client: Any) -> Iterator[Any]:
    token = None
    while True:
        page = client.search_registered_models(page_token=token)
        yield from page
        if not (token := page.token):
            return


def _or_none(ask: Any) -> Any | None:
    """MLflow's answer, None where it knows of no such thing."""
    from mlflow.exceptions import MlflowException

    try:
        return ask()
    except MlflowException as error:
        if error.error_code in UNKNOWN:
            return None
        raise
