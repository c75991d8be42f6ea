"""Fonts and static files, made once on this machine for all installations of the tests.

They are the same in each, and to make them takes some seconds of a processor.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scoreport import settings as product
from scoreport.web.static_files import sources_digest

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / ".cache" / "static"
PARTS = ("assets", "static")
STAMP = "static_made_from"


def set_up(environment: Mapping[str, str]) -> None:
    """Run ``scoreport setup`` in the data folder that an environment names."""
    folder = Path(environment["SCOREPORT_DATA_DIR"])
    made = bring(folder)
    subprocess.run(
        [sys.executable, "-m", "scoreport.cli.main", "setup"],
        cwd=ROOT,
        env=dict(environment),
        check=True,
        capture_output=True,
    )
    if not made:
        keep(folder)


def bring(folder: Path) -> bool:
    """Lay the static files of the present sources into a data folder, where they were made before."""
    made = MADE / sources_digest(product.STORAGES["staticfiles"]["BACKEND"])
    if not made.is_dir():
        return False
    for part in PARTS:
        shutil.copytree(made / part, folder / part, copy_function=os.link, dirs_exist_ok=True)
    shutil.copy(made / STAMP, folder / STAMP)
    return True


def keep(folder: Path) -> None:
    """Keep a data folder's static files for the next installation; those of other sources are not needed any more."""
    digest = (folder / STAMP).read_text(encoding="utf-8")
    coming = MADE / f"{digest}.{os.getpid()}"
    for part in PARTS:
        shutil.copytree(folder / part, coming / part)
    shutil.copy(folder / STAMP, coming / STAMP)
    for old in [path for path in MADE.iterdir() if not path.name.startswith(digest)]:
        shutil.rmtree(old, ignore_errors=True)
    try:
        coming.rename(MADE / digest)
    except OSError:
        # Another process was quicker, with the same files.
        shutil.rmtree(coming)
