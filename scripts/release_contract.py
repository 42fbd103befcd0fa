"""Make the current contract the released one: the document, the Python client, the tracker.

    python scripts/release_contract.py

Later changes are compared with this document, and these two packages are run against every later
service. Building twice gives the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "openapi" / "openapi.json"
RELEASED_DOCUMENT = ROOT / "openapi" / "released.json"
PACKAGES = ROOT / "tests" / "contract" / "released"
PYTHON_CLIENT = ROOT / "clients" / "python"
WEB = ROOT / "web"
TRACKER = "packages/tracker"
EPOCH = "315532800"  # 1980, the oldest time that a zip archive can hold


def main() -> None:
    """Replace the released document and packages, and name them."""
    shutil.rmtree(PACKAGES, ignore_errors=True)
    PACKAGES.mkdir(parents=True)
    shutil.copy(DOCUMENT, RELEASED_DOCUMENT)
    build_python_client(PACKAGES)
    _run(WEB, "npm", "pack", "--silent", "-w", TRACKER, "--pack-destination", str(PACKAGES))
    for path in (RELEASED_DOCUMENT, *sorted(PACKAGES.iterdir())):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def build_python_client(target: Path) -> None:
    """Write the wheel into *target*."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        # The ignored files of a working tree stay out of the wheel.
        shutil.copytree(PYTHON_CLIENT, source, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        _run(source, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target))


def _run(folder: Path, *command: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
