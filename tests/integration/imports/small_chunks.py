"""``progress-service`` whose imports have small chunks, so that a short file has many of them."""

from __future__ import annotations

from progress_service.cli.main import main
from progress_service.imports import file_import

ROWS_IN_CHUNK = 20

if __name__ == "__main__":
    file_import.CHECKPOINT_ROWS = ROWS_IN_CHUNK
    main()
