"""Which videos are counted again."""

from __future__ import annotations

from progress_service.analytics.stale_videos import StaleVideos

COURSE = "react"


def test_missing_release_is_counted_again_and_no_other():
    stale = StaleVideos()
    stale.ask(COURSE)
    for material_id in ("intro", "state"):
        stale.counted(COURSE, material_id)

    stale.note_missing(COURSE, ["intro"])

    assert stale.is_stale(COURSE, "intro")
    assert not stale.is_stale(COURSE, "state")


def test_video_that_is_being_counted_is_not_counted_twice():
    stale = StaleVideos()
    stale.ask(COURSE)

    stale.note_missing(COURSE, ["intro"])
    stale.counted(COURSE, "intro")

    assert not stale.is_stale(COURSE, "intro")
