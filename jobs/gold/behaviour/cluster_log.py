"""What a fit of the clusters leaves in MLflow: what was tried and chosen, and the profiles; no customer is in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.gold.settings.behaviour_clusters import Settings
from lakehouse.mlflow_store import connected, experiment_id

EXPERIMENT = "behaviour_clusters"


def log_fit(
    uri: str, rows: Sequence[Mapping[str, Any]], settings: Settings, versions: Mapping[str, int | None]
) -> None:
    """Log one run.

    Args:
        rows: the fit's rows of gold.behaviour_cluster_models.
        versions: the Delta versions of the tables that it was made from.
    """
    mlflow = connected(uri)
    first = rows[0]
    name = f"clusters of {first['run_date']}"
    with mlflow.start_run(experiment_id=experiment_id(mlflow, uri, EXPERIMENT), run_name=name):
        mlflow.log_params(parameters(settings, len(rows)))
        for tried in first["tried"]:
            scores = {f"tried_{m}": tried[m] for m in ("silhouette", "stability")}
            mlflow.log_metrics(scores, step=tried["cluster_count"])
        mlflow.log_metrics(
            {
                "silhouette": first["silhouette"],
                "stability": first["stability"],
                "new_clusters": sum(row["is_new"] for row in rows),
            }
        )
        mlflow.set_tags({f"delta_version.{table}": str(version) for table, version in versions.items()})
        mlflow.log_text(profiles(rows), "profiles.md")


def parameters(settings: Settings, cluster_count: int) -> dict[str, Any]:
    """The settings that a fit depends on, and the number that was chosen."""
    plain = settings.model_dump()
    weights = {f"weight.{name}": f"{f['weight']:g} {f['scale']}" for name, f in plain.pop("features").items()}
    plain.pop("words")
    return {"algorithm": "k-means", "chosen_cluster_count": cluster_count, **weights, **plain}


def profiles(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table of the clusters in Markdown: size, what sets each apart, and every mean."""
    names = [feature["feature"] for feature in rows[0]["features"]]
    lines = [f"| cluster | customers | {' | '.join(names)} | what sets it apart |", "|---" * (len(names) + 3) + "|"]
    for row in rows:
        means = " | ".join(f"{feature['cluster_mean']:.3g}" for feature in row["features"])
        lines.append(f"| {row['cluster']} | {row['customer_count']} | {means} | {row['profile']} |")
    return "\n".join(lines) + "\n"
