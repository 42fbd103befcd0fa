"""Contains all the data models used in inputs/outputs"""

from .alternative import Alternative
from .auth_frame import AuthFrame
from .changes import Changes
from .chapter_body import ChapterBody
from .cleared_frame import ClearedFrame
from .client_heartbeat_frame import ClientHeartbeatFrame
from .completed_frame import CompletedFrame
from .continue_item import ContinueItem
from .continue_item_reason import ContinueItemReason
from .continue_watching import ContinueWatching
from .course_body import CourseBody
from .course_frame import CourseFrame
from .course_progress import CourseProgress
from .course_progress_response import CourseProgressResponse
from .course_progress_videos import CourseProgressVideos
from .course_response import CourseResponse
from .enrollment_page import EnrollmentPage
from .enrollment_response import EnrollmentResponse
from .enrollments_response import EnrollmentsResponse
from .event_body import EventBody
from .event_body_kind import EventBodyKind
from .event_result import EventResult
from .event_result_status import EventResultStatus
from .events_body import EventsBody
from .events_response import EventsResponse
from .health import Health
from .heartbeat_frame import HeartbeatFrame
from .listed_course import ListedCourse
from .listed_materials import ListedMaterials
from .mark import Mark
from .material_body import MaterialBody
from .material_response import MaterialResponse
from .material_totals import MaterialTotals
from .message import Message
from .my_courses import MyCourses
from .next_material import NextMaterial
from .playing_frame import PlayingFrame
from .problem import Problem
from .problem_code import ProblemCode
from .problem_field import ProblemField
from .progress_frame import ProgressFrame
from .ready_frame import ReadyFrame
from .report_body import ReportBody
from .report_body_kind import ReportBodyKind
from .resume_response import ResumeResponse
from .resume_response_reason import ResumeResponseReason
from .resync_frame import ResyncFrame
from .segment_body import SegmentBody
from .skip import Skip
from .status import Status
from .status_summary import StatusSummary
from .statuses import Statuses
from .statuses_progress import StatusesProgress
from .student_ids import StudentIds
from .video_ids import VideoIds

__all__ = (
    "Alternative",
    "AuthFrame",
    "Changes",
    "ChapterBody",
    "ClearedFrame",
    "ClientHeartbeatFrame",
    "CompletedFrame",
    "ContinueItem",
    "ContinueItemReason",
    "ContinueWatching",
    "CourseBody",
    "CourseFrame",
    "CourseProgress",
    "CourseProgressResponse",
    "CourseProgressVideos",
    "CourseResponse",
    "EnrollmentPage",
    "EnrollmentResponse",
    "EnrollmentsResponse",
    "EventBody",
    "EventBodyKind",
    "EventResult",
    "EventResultStatus",
    "EventsBody",
    "EventsResponse",
    "Health",
    "HeartbeatFrame",
    "ListedCourse",
    "ListedMaterials",
    "Mark",
    "MaterialBody",
    "MaterialResponse",
    "MaterialTotals",
    "Message",
    "MyCourses",
    "NextMaterial",
    "PlayingFrame",
    "Problem",
    "ProblemCode",
    "ProblemField",
    "ProgressFrame",
    "ReadyFrame",
    "ReportBody",
    "ReportBodyKind",
    "ResumeResponse",
    "ResumeResponseReason",
    "ResyncFrame",
    "SegmentBody",
    "Skip",
    "Status",
    "Statuses",
    "StatusesProgress",
    "StatusSummary",
    "StudentIds",
    "VideoIds",
)
