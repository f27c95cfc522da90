"""Nights that are killed, and all other trials: each yields nights to compare with the undisturbed one."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from lakehouse.delta import staged
from tests.crash import kills
from tests.crash.commits import is_of_files
from tests.crash.company import FILES
from tests.crash.other_trials import OTHERS
from tests.crash.setting import Setting, Tried


def killed_at_commits(side: str) -> Callable[[Setting], Tried]:
    """Killed once on one side of each commit, the first night and the second."""

    def trial(setting: Setting) -> Tried:
        for which in ("first", "second"):
            conf = setting.begun(which, f"{side}-{which}")
            wanted = setting.some([point for point in setting.points[which] if point[1] == side])
            died = kills.at_commits(setting.nights[which], conf, wanted)
            yield which, conf, len(died)

    return trial


def killed_around_files(setting: Setting) -> Tried:
    """Killed before files that are written come to their table, before a commit names them, and after it.

    The company is small and its batches are collected: here none is, so that files are written first wherever a table
    takes them. Without a kill that gives the same tables, too.
    """
    tried = 0
    for which in ("first", "second"):
        undisturbed = setting.begun(which, f"files-{which}-undisturbed", FILES)
        points = [point for point in kills.points(setting.nights[which], undisturbed) if is_of_files(point[0])]
        yield which, undisturbed, 0
        if not points:  # a night that is cut short may merge alone
            continue
        conf = setting.begun(which, f"files-{which}", FILES)
        died = kills.at_commits(setting.nights[which], conf, setting.some(points))
        left = [path for path in Path(conf.profile.lake, staged.FOLDER).rglob("*") if path.is_file()]
        assert not left, f"{len(left)} written files are still there"
        tried += len(died)
        yield which, conf, len(died)
    assert tried, "no files were written before their commit"


def killed_at_moments(setting: Setting) -> Tried:
    """Killed at random moments, fifty in all."""
    left = setting.times(50)
    for number in range(left):
        if left <= 0:
            return
        conf = setting.begun("second", f"moments-{number}")
        died = kills.at_moments(setting.nights["second"], conf, setting.chance, setting.seconds, min(8, left))
        left -= max(1, died)
        yield "second", conf, died


def trees_killed(setting: Setting) -> Tried:
    """The whole process tree of `lakehouse night`, its JVM with it, is killed at a random moment."""
    for number in range(setting.times(5)):
        conf = setting.begun("second", f"trees-{number}")
        layer = setting.place.folder / f"layer-{number}" / "profiles" / "local.yaml"
        layer.parent.mkdir(parents=True)
        layer.write_text(yaml.safe_dump({key: value for key, value in conf.overrides.items() if key != "name"}))
        words = ["--conf", str(setting.place.layer), "--conf", str(layer.parents[1]), "--json"]
        command = [sys.executable, "-m", "lakehouse.cli.main", "night", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(setting.chance.uniform(0.3, 1.5) * setting.seconds)
        subprocess.run(["kill", "-KILL", f"-{child.pid}"], check=False)
        died = child.wait() == -signal.SIGKILL
        kills.finish(setting.nights["second"], conf)
        yield "second", conf, int(died)


TRIALS: dict[str, Callable[[Setting], Tried]] = {
    "killed before a commit": killed_at_commits("before"),
    "killed after a commit": killed_at_commits("after"),
    "killed between written files and their commit": killed_around_files,
    "killed at a random moment": killed_at_moments,
    "killed with its JVM": trees_killed,
    **OTHERS,
}
