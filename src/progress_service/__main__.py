"""``python -m progress_service``."""

from progress_service.cli.entry_point import main

main()
