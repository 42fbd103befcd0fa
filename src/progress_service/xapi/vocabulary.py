"""The terms of xAPI and of its Video Profile 1.0.4. docs/xapi.md names the sources."""

from __future__ import annotations

VERSION = "1.0.3"
"""Of xAPI, for the header ``X-Experience-API-Version``."""

PROFILE = "https://w3id.org/xapi/video"

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
TERMINATED = "http://adlnet.gov/expapi/verbs/terminated"

VIDEO_TYPE = f"{PROFILE}/activity-type/video"
COURSE_TYPE = "http://adlnet.gov/expapi/activities/course"
PROFILE_TYPE = "http://adlnet.gov/expapi/activities/profile"

# In the context.
LENGTH = f"{PROFILE}/extensions/length"
COMPLETION_THRESHOLD = f"{PROFILE}/extensions/completion-threshold"
SESSION_ID = f"{PROFILE}/extensions/session-id"
# In the result.
TIME = f"{PROFILE}/extensions/time"
PROGRESS = f"{PROFILE}/extensions/progress"
PLAYED_SEGMENTS = f"{PROFILE}/extensions/played-segments"

VERB_LANGUAGE = "en-US"
TITLE_LANGUAGE = "und"  # The catalogue does not say in which language a title is.
