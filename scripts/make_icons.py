"""Draw the web app's icons from its one drawing, `icon.svg`, with the browser the tests use.

Writes PNG files beside the drawing: two sizes for home screens, one with room around it for
devices that cut icons to a shape of their own, and one for Apple's.
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

PUBLIC = Path(__file__).resolve().parent.parent / "web" / "app" / "public"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ACCENT = "#2563eb"
# name → size in px, width of the drawing in percent of it, what is behind
ICONS = {
    "icon-192.png": (192, 100, "transparent"),
    "icon-512.png": (512, 100, "transparent"),
    "icon-maskable-512.png": (512, 80, ACCENT),
    "apple-touch-icon.png": (180, 90, ACCENT),
}


def main() -> None:
    """Draw them all."""
    drawing = (PUBLIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (size, percent, behind) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                "<style>body{margin:0;display:grid;place-items:center;height:100vh;"
                f"background:{behind}}}svg{{width:{percent}%;height:{percent}%}}</style>{drawing}"
            )
            page.screenshot(path=PUBLIC / name, omit_background=behind == "transparent")
            page.close()
        browser.close()
    print(f"{len(ICONS)} icons are in {PUBLIC.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
