"""uvicorn's flow control, with reads that stay paused while bytes wait in memory."""

from __future__ import annotations

from uvicorn.protocols.http.flow_control import FlowControl


class HoldableFlow(FlowControl):
    """While it is held, nobody resumes reading: uvicorn does with each response and `receive`."""

    is_held = False

    def hold(self) -> None:
        """Pause reading until `release`."""
        self.is_held = True
        self.pause_reading()

    def release(self) -> None:
        """Read again."""
        if self.is_held:
            self.is_held = False
            self.resume_reading()

    def resume_reading(self) -> None:
        """Read again, unless held."""
        if self.read_paused and not self.is_held:
            super().resume_reading()
