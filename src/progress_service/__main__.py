"""``python -m progress_service``."""

from progress_service.cli import main

main()
