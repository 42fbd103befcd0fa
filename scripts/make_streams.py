#!/usr/bin/env python3
"""Make the streams that the tests play: HLS and DASH over the same segments, and audio alone.

They are cut from a demo clip without encoding it again. Needs ffmpeg on the path.
Run it as `python scripts/make_streams.py`.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLIP = ROOT / "src/progress_service/demo/media/components.mp4"
TARGET = ROOT / "tests/browser/media"
SEGMENT_SECONDS = 5  # the distance of the clip's key frames
BIT_EXACT = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
# One file for each track, its segments named by byte ranges: few and small files.
DASH_AND_HLS = [
    *("-f", "dash", "-single_file", "1", "-seg_duration", str(SEGMENT_SECONDS)),
    *("-hls_playlist", "1", "-hls_master_name", "intro.m3u8"),
    *("-adaptation_sets", "id=0,streams=v id=1,streams=a"),
]


def cut(*options: str) -> None:
    """Run ffmpeg over the clip, copying its tracks."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(CLIP), "-c", "copy"]
    command += ["-map_metadata", "-1", "-map_chapters", "-1", *BIT_EXACT, *options]
    subprocess.run(command, check=True, cwd=TARGET)


def main() -> None:
    """Make the streams and print their sizes."""
    TARGET.mkdir(parents=True, exist_ok=True)
    cut("-map", "0:v", "-map", "0:a", *DASH_AND_HLS, "intro.mpd")
    cut("-map", "0:a", "-movflags", "+faststart", "intro.m4a")
    for playlist in TARGET.glob("*.m3u8"):
        # The wall clock of this run would make every run differ.
        lines = re.sub(r"#EXT-X-PROGRAM-DATE-TIME:.*\n", "", playlist.read_text())
        playlist.write_text(lines)
    for made in sorted(TARGET.iterdir()):
        print(f"{made.stat().st_size:>8} {made.name}")


if __name__ == "__main__":
    main()
