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
from .course_answer import CourseAnswer
from .course_body import CourseBody
from .course_frame import CourseFrame
from .course_progress import CourseProgress
from .course_progress_answer import CourseProgressAnswer
from .course_progress_videos import CourseProgressVideos
from .enrollment_answer import EnrollmentAnswer
from .enrollment_page import EnrollmentPage
from .enrollments_answer import EnrollmentsAnswer
from .event_body import EventBody
from .event_body_kind import EventBodyKind
from .event_result import EventResult
from .event_result_status import EventResultStatus
from .events_answer import EventsAnswer
from .events_body import EventsBody
from .health import Health
from .heartbeat_frame import HeartbeatFrame
from .listed_course import ListedCourse
from .listed_materials import ListedMaterials
from .mark import Mark
from .material_body import MaterialBody
from .material_totals import MaterialTotals
from .message import Message
from .my_courses import MyCourses
from .next_material import NextMaterial
from .playing_frame import PlayingFrame
from .problem import Problem
from .problem_field import ProblemField
from .progress_frame import ProgressFrame
from .ready_frame import ReadyFrame
from .report_body import ReportBody
from .report_body_kind import ReportBodyKind
from .resume_answer import ResumeAnswer
from .resume_answer_reason import ResumeAnswerReason
from .resync_frame import ResyncFrame
from .skip import Skip
from .status import Status
from .status_summary import StatusSummary
from .statuses import Statuses
from .statuses_progress import StatusesProgress
from .stretch_body import StretchBody
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
    "CourseAnswer",
    "CourseBody",
    "CourseFrame",
    "CourseProgress",
    "CourseProgressAnswer",
    "CourseProgressVideos",
    "EnrollmentAnswer",
    "EnrollmentPage",
    "EnrollmentsAnswer",
    "EventBody",
    "EventBodyKind",
    "EventResult",
    "EventResultStatus",
    "EventsAnswer",
    "EventsBody",
    "Health",
    "HeartbeatFrame",
    "ListedCourse",
    "ListedMaterials",
    "Mark",
    "MaterialBody",
    "MaterialTotals",
    "Message",
    "MyCourses",
    "NextMaterial",
    "PlayingFrame",
    "Problem",
    "ProblemField",
    "ProgressFrame",
    "ReadyFrame",
    "ReportBody",
    "ReportBodyKind",
    "ResumeAnswer",
    "ResumeAnswerReason",
    "ResyncFrame",
    "Skip",
    "Status",
    "StatusSummary",
    "Statuses",
    "StatusesProgress",
    "StretchBody",
    "StudentIds",
    "VideoIds",
)
