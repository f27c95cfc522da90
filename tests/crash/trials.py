"""Nights that are killed, and all other trials: each yields nights to compare with the undisturbed one."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import yaml

from tests.crash import kills
from tests.crash.other_trials import OTHERS
from tests.crash.setting import Setting, Tried


def killed_at_commits(side: str) -> Callable[[Setting], Tried]:
    """Killed once on one side of each commit, the first night and the second."""

    def trial(setting: Setting) -> Tried:
        for which in ("first", "second"):
            conf = setting.begun(which, f"{side}-{which}")
            died = kills.at_commits(setting.nights[which], conf, setting.some(which, side))
            yield which, conf, len(died)

    return trial


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
    "killed at a random moment": killed_at_moments,
    "killed with its JVM": trees_killed,
    **OTHERS,
}
