"""uvicorn's flow control, with reads that stay paused while bytes are buffered."""

from __future__ import annotations

from uvicorn.protocols.http.flow_control import FlowControl


class HoldableFlow(FlowControl):
    """Ignores `resume_reading` while held; uvicorn calls it at each response and `receive`."""

    is_held = False

    def hold(self) -> None:
        """Pause reading until `release`."""
        self.is_held = True
        self.pause_reading()

    def release(self) -> None:
        """Resume reading."""
        if self.is_held:
            self.is_held = False
            self.resume_reading()

    def resume_reading(self) -> None:
        """Resume reading, unless held."""
        if self.read_paused and not self.is_held:
            super().resume_reading()
