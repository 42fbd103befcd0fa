"""Contains all the data models used in inputs/outputs"""

from .alternative import Alternative
from .auth_frame import AuthFrame
from .changes import Changes
from .chapter_body import ChapterBody
from .cleared_frame import ClearedFrame
from .client_heartbeat_frame import ClientHeartbeatFrame
from .completed_frame import CompletedFrame
from .completions_of_day import CompletionsOfDay
from .continue_item import ContinueItem
from .continue_item_reason import ContinueItemReason
from .continue_watching import ContinueWatching
from .course_analytics import CourseAnalytics
from .course_body import CourseBody
from .course_frame import CourseFrame
from .course_learners import CourseLearners
from .course_progress import CourseProgress
from .course_progress_response import CourseProgressResponse
from .course_progress_videos import CourseProgressVideos
from .course_response import CourseResponse
from .course_students import CourseStudents
from .curves_response import CurvesResponse
from .drop_off_response import DropOffResponse
from .enrollment_page import EnrollmentPage
from .enrollment_response import EnrollmentResponse
from .enrollments_response import EnrollmentsResponse
from .event_body import EventBody
from .event_body_kind import EventBodyKind
from .event_result import EventResult
from .event_result_status import EventResultStatus
from .events_body import EventsBody
from .events_response import EventsResponse
from .get_course_analytics_table import GetCourseAnalyticsTable
from .get_video_analytics_table import GetVideoAnalyticsTable
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
from .progress_tenth import ProgressTenth
from .ready_frame import ReadyFrame
from .recent_week import RecentWeek
from .replay_peak_response import ReplayPeakResponse
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
from .student_progress import StudentProgress
from .video_analytics import VideoAnalytics
from .video_ids import VideoIds
from .video_learners import VideoLearners
from .video_row import VideoRow

__all__ = (
    "Alternative",
    "AuthFrame",
    "Changes",
    "ChapterBody",
    "ClearedFrame",
    "ClientHeartbeatFrame",
    "CompletedFrame",
    "CompletionsOfDay",
    "ContinueItem",
    "ContinueItemReason",
    "ContinueWatching",
    "CourseAnalytics",
    "CourseBody",
    "CourseFrame",
    "CourseLearners",
    "CourseProgress",
    "CourseProgressResponse",
    "CourseProgressVideos",
    "CourseResponse",
    "CourseStudents",
    "CurvesResponse",
    "DropOffResponse",
    "EnrollmentPage",
    "EnrollmentResponse",
    "EnrollmentsResponse",
    "EventBody",
    "EventBodyKind",
    "EventResult",
    "EventResultStatus",
    "EventsBody",
    "EventsResponse",
    "GetCourseAnalyticsTable",
    "GetVideoAnalyticsTable",
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
    "ProgressTenth",
    "ReadyFrame",
    "RecentWeek",
    "ReplayPeakResponse",
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
    "StudentProgress",
    "VideoAnalytics",
    "VideoIds",
    "VideoLearners",
    "VideoRow",
)
