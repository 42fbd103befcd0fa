#!/usr/bin/env python3
"""Make the demo course's clips: real videos that show their own time code and chapter.

Each clip becomes an MP4 (H.264 + AAC) and a WebM (VP9 + Opus), with its chapters and captions as
WebVTT beside it, because browsers do not read chapters out of the container.

Needs ffmpeg and the DejaVu fonts on the path (Debian: ffmpeg, fonts-dejavu-core).
Run it as `python scripts/make_media.py [target folder]`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FONT_FOLDER = Path("/usr/share/fonts/truetype/dejavu")
TITLE_FONT = FONT_FOLDER / "DejaVuSans-Bold.ttf"
TIME_FONT = FONT_FOLDER / "DejaVuSansMono-Bold.ttf"
DEFAULT_TARGET = Path(__file__).parents[1] / "src/progress_service/demo/media"

WIDTH, HEIGHT = 640, 360
FRAMES_PER_SECOND = 5  # The time code is read by people and by tests; nothing else moves.
KEY_FRAME_EVERY = 25  # Five seconds: a short distance keeps seeks exact.
MAX_BYTES = 250_000
BAR_HEIGHT = 6
CAPTION_SECONDS = 6.0
# The same input gives the same bytes, so that running this again shows no change.
BIT_EXACT = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]


@dataclass(frozen=True)
class Chapter:
    """A named part of a clip, its background colour and what the captions say in it."""

    start_seconds: int
    title: str
    colour: str
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Clip:
    """One clip; its chapters cover it from 0 to *duration_seconds* without a hole."""

    name: str
    title: str
    duration_seconds: int
    chapters: tuple[Chapter, ...]

    def ends_seconds(self) -> list[int]:
        """Where each chapter ends."""
        return [*(chapter.start_seconds for chapter in self.chapters[1:]), self.duration_seconds]


CLIPS = (
    Clip(
        "welcome",
        "Welcome to the course",
        90,
        (
            Chapter(0, "Intro", "0x1e293b", ("Welcome to the course.",)),
            Chapter(
                8,
                "Why progress matters",
                "0x1e3a8a",
                (
                    "You rarely finish a lesson in one sitting.",
                    "Close this page whenever you like.",
                    "When you come back, the clip goes on from here.",
                ),
            ),
            Chapter(
                35,
                "Three facts",
                "0x155e75",
                (
                    "The first fact is where you are.",
                    "The second is what you have really seen.",
                    "The third is what is done.",
                ),
            ),
            Chapter(
                60,
                "Every device",
                "0x3730a3",
                (
                    "Start on a laptop and go on with a phone.",
                    "The newest place always wins.",
                    "Going back on purpose is honoured too.",
                ),
            ),
            Chapter(82, "Outro", "0x334155", ("That was the welcome.",)),
        ),
    ),
    Clip(
        "components",
        "Thinking in components",
        60,
        (
            Chapter(0, "Intro", "0x1e293b", ("Let us look at components.",)),
            Chapter(
                8,
                "What a component is",
                "0x065f46",
                ("A component is a piece of the page.", "It has a name, and one job."),
            ),
            Chapter(
                24,
                "Props",
                "0x166534",
                ("Props are what a component is told.", "It never changes them."),
            ),
            Chapter(
                40,
                "Composition",
                "0x115e59",
                ("Small components make bigger ones.", "Together they make the page."),
            ),
            Chapter(52, "Outro", "0x334155", ("That was components.",)),
        ),
    ),
    Clip(
        "state",
        "State that lasts",
        75,
        (
            Chapter(0, "Intro", "0x1e293b", ("Now let us talk about state.",)),
            Chapter(
                8,
                "What state is",
                "0x6b21a8",
                (
                    "State is what a component remembers.",
                    "Keep as little of it as you can.",
                    "Everything else can be worked out.",
                ),
            ),
            Chapter(
                30,
                "Updating state",
                "0x86198f",
                ("An update asks for a new picture.", "It replaces; it does not edit."),
            ),
            Chapter(
                50,
                "Lifting state up",
                "0x9d174d",
                ("Two parts that share state", "keep it in the part above them."),
            ),
            Chapter(67, "Outro", "0x334155", ("That was state.",)),
        ),
    ),
)


def vtt_time(seconds: float) -> str:
    """WebVTT's hh:mm:ss.mmm."""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{rest:06.3f}"


def vtt(cues: list[tuple[float, float, str]]) -> str:
    """A WebVTT file of (start, end, text) cues in seconds."""
    blocks = [f"{vtt_time(start)} --> {vtt_time(end)}\n{text}\n" for start, end, text in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def chapter_cues(clip: Clip) -> list[tuple[float, float, str]]:
    """One cue a chapter."""
    return [
        (chapter.start_seconds, end, chapter.title)
        for chapter, end in zip(clip.chapters, clip.ends_seconds(), strict=True)
    ]


def caption_cues(clip: Clip) -> list[tuple[float, float, str]]:
    """The captions of each chapter, spread evenly over it."""
    cues = []
    for chapter, end in zip(clip.chapters, clip.ends_seconds(), strict=True):
        step = (end - chapter.start_seconds) / len(chapter.captions)
        for number, text in enumerate(chapter.captions):
            start = chapter.start_seconds + number * step
            cues.append((start, start + min(step, CAPTION_SECONDS), text))
    return cues


def ffmetadata(clip: Clip) -> str:
    """The chapters as ffmpeg's own metadata file, for players that read the container."""
    blocks = [
        f"[CHAPTER]\nTIMEBASE=1/1\nSTART={int(start)}\nEND={int(end)}\ntitle={title}\n"
        for start, end, title in chapter_cues(clip)
    ]
    return "\n".join([f";FFMETADATA1\ntitle={clip.title}\n", *blocks])


def picture(clip: Clip) -> str:
    """The filter graph: a colour and a name for each chapter, the time code, a growing bar."""
    layers = []
    for start, end, title in chapter_cues(clip):
        colour = next(c.colour for c in clip.chapters if c.start_seconds == start)
        during = f"enable='gte(t,{start})*lt(t,{end})'"
        layers.append(f"drawbox=c={colour}:t=fill:{during}")
        layers.append(
            f"drawtext=fontfile={TITLE_FONT}:text='{title}':fontsize=26:fontcolor=white@0.92"
            f":x=40:y=h-84:{during}"
        )
    layers.append(
        f"drawtext=fontfile={TITLE_FONT}:text='{clip.title}':fontsize=18"
        ":fontcolor=white@0.65:x=40:y=40"
    )
    layers.append(
        f"drawtext=fontfile={TIME_FONT}:text='%{{pts\\:hms}}':fontsize=64:fontcolor=white"
        ":x=(w-tw)/2:y=(h-th)/2-10"
    )
    bar = f"overlay=x='-w+w*t/{clip.duration_seconds}':y=H-h"
    return f"[0:v]{','.join(layers)}[base];[base][1:v]{bar}[out]"


def encode(clip: Clip, target: Path, codec: list[str], workspace: Path) -> None:
    """Encode one file and refuse one that is too large to be committed."""
    chapters, graph = workspace / "chapters.txt", workspace / "graph.txt"
    chapters.write_text(ffmetadata(clip))
    graph.write_text(picture(clip))
    plain = f"r={FRAMES_PER_SECOND}:d={clip.duration_seconds}"
    command = ["ffmpeg", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"color=c=black:s={WIDTH}x{HEIGHT}:{plain}"]
    command += ["-f", "lavfi", "-i", f"color=c=0x60a5fa:s={WIDTH}x{BAR_HEIGHT}:{plain}"]
    command += ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-i", str(chapters)]
    command += ["-filter_complex_script", str(graph), "-map", "[out]", "-map", "2:a"]
    command += ["-map_metadata", "3", "-map_chapters", "3", "-t", str(clip.duration_seconds)]
    command += [*codec, "-g", str(KEY_FRAME_EVERY), "-pix_fmt", "yuv420p", *BIT_EXACT, str(target)]
    subprocess.run(command, check=True)
    if target.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{target.name} is {target.stat().st_size} bytes; allowed: {MAX_BYTES}")


H264 = "-c:v libx264 -preset veryslow -crf 33 -profile:v main -level 3.0 -c:a aac -b:a 16k"
VP9 = "-c:v libvpx-vp9 -b:v 0 -crf 48 -deadline good -cpu-used 2 -row-mt 1 -c:a libopus -b:a 8k"


def main() -> None:
    """Make every clip with its text tracks and say what came out."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_TARGET
    target.mkdir(parents=True, exist_ok=True)
    for clip in CLIPS:
        (target / f"{clip.name}.chapters.vtt").write_text(vtt(chapter_cues(clip)))
        (target / f"{clip.name}.captions.vtt").write_text(vtt(caption_cues(clip)))
        with tempfile.TemporaryDirectory() as workspace:
            mp4 = [*H264.split(), "-movflags", "+faststart"]
            encode(clip, target / f"{clip.name}.mp4", mp4, Path(workspace))
            encode(clip, target / f"{clip.name}.webm", VP9.split(), Path(workspace))
    for made in sorted(target.iterdir()):
        print(f"{made.stat().st_size:>8} {made.name}")


if __name__ == "__main__":
    main()
