"""Reads of the warehouse's work."""

from prs.operations.fulfilment.selectors.integrity import findings
from prs.operations.fulfilment.selectors.queue import (
    Progress,
    lines_of,
    open_session_of,
    progress_of,
    scans_of,
    sessions_of,
    sessions_visible_to,
    steps_of,
    to_pick,
    visible_to,
    working,
)

__all__ = [
    "Progress",
    "findings",
    "lines_of",
    "open_session_of",
    "progress_of",
    "scans_of",
    "sessions_of",
    "sessions_visible_to",
    "steps_of",
    "to_pick",
    "visible_to",
    "working",
]
