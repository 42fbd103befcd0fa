"""``python -m progress_service``."""

from progress_service.cli.main import main

main()
