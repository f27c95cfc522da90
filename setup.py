"""Puts conf/ and expectations/ into the wheel, as lakehouse/_packaged: executors and installed users read them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithConfiguration(build_py):
    """The usual build, and the two folders that live at the top of the checkout because stewards edit them."""

    def run(self) -> None:
        """Build, then copy the two folders."""
        super().run()
        if not self.editable_mode:
            for folder in ("conf", "expectations"):
                shutil.copytree(folder, Path(self.build_lib, "lakehouse", "_packaged", folder), dirs_exist_ok=True)


setup(cmdclass={"build_py": WithConfiguration})
