"""Contains all the data models used in inputs/outputs"""

from .alternative import Alternative
from .auth_frame import AuthFrame
from .catalog_course import CatalogCourse
from .catalog_page import CatalogPage
from .changes import Changes
from .chapter_body import ChapterBody
from .cleared_frame import ClearedFrame
from .client_heartbeat_frame import ClientHeartbeatFrame
from .completed_frame import CompletedFrame
from .completion_body import CompletionBody
from .completions_of_day import CompletionsOfDay
from .continue_item import ContinueItem
from .continue_item_reason import ContinueItemReason
from .continue_watching import ContinueWatching
from .course_analytics import CourseAnalytics
from .course_body import CourseBody
from .course_completed_data import CourseCompletedData
from .course_completed_event import CourseCompletedEvent
from .course_frame import CourseFrame
from .course_learners import CourseLearners
from .course_progress import CourseProgress
from .course_progress_response import CourseProgressResponse
from .course_progress_videos import CourseProgressVideos
from .course_response import CourseResponse
from .course_students import CourseStudents
from .curves_response import CurvesResponse
from .delivery_page import DeliveryPage
from .delivery_response import DeliveryResponse
from .delivery_response_status import DeliveryResponseStatus
from .drop_off_response import DropOffResponse
from .enrollment_page import EnrollmentPage
from .enrollment_response import EnrollmentResponse
from .enrollments_response import EnrollmentsResponse
from .erasure_response import ErasureResponse
from .erasure_response_state import ErasureResponseState
from .event_body import EventBody
from .event_body_kind import EventBodyKind
from .event_result import EventResult
from .event_result_status import EventResultStatus
from .events_body import EventsBody
from .events_response import EventsResponse
from .export_end import ExportEnd
from .export_header import ExportHeader
from .exported_device import ExportedDevice
from .exported_enrollment import ExportedEnrollment
from .exported_enrollment_kind import ExportedEnrollmentKind
from .exported_event import ExportedEvent
from .exported_event_data import ExportedEventData
from .exported_event_kind import ExportedEventKind
from .exported_preferences import ExportedPreferences
from .exported_preferences_history import ExportedPreferencesHistory
from .exported_progress import ExportedProgress
from .exported_session import ExportedSession
from .exported_statement import ExportedStatement
from .get_course_analytics_table import GetCourseAnalyticsTable
from .get_video_analytics_table import GetVideoAnalyticsTable
from .health import Health
from .heartbeat_frame import HeartbeatFrame
from .import_result import ImportResult
from .import_result_status import ImportResultStatus
from .import_row_body import ImportRowBody
from .list_webhook_deliveries_status import ListWebhookDeliveriesStatus
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
from .preferences_body import PreferencesBody
from .preferences_body_history import PreferencesBodyHistory
from .preferences_response import PreferencesResponse
from .preferences_response_history import PreferencesResponseHistory
from .problem import Problem
from .problem_code import ProblemCode
from .problem_field import ProblemField
from .progress_erased_data import ProgressErasedData
from .progress_erased_event import ProgressErasedEvent
from .progress_frame import ProgressFrame
from .progress_tenth import ProgressTenth
from .ready_frame import ReadyFrame
from .recent_week import RecentWeek
from .registered_webhook import RegisteredWebhook
from .replay_body import ReplayBody
from .replay_peak_response import ReplayPeakResponse
from .replay_response import ReplayResponse
from .report_body import ReportBody
from .report_body_kind import ReportBodyKind
from .resume_response import ResumeResponse
from .resume_response_reason import ResumeResponseReason
from .resync_frame import ResyncFrame
from .segment_body import SegmentBody
from .sent_test_event import SentTestEvent
from .skip import Skip
from .statements_response import StatementsResponse
from .status import Status
from .status_summary import StatusSummary
from .statuses import Statuses
from .statuses_progress import StatusesProgress
from .stored_enrollment_response import StoredEnrollmentResponse
from .student_ids import StudentIds
from .student_progress import StudentProgress
from .video_analytics import VideoAnalytics
from .video_completed_data import VideoCompletedData
from .video_completed_event import VideoCompletedEvent
from .video_ids import VideoIds
from .video_learners import VideoLearners
from .video_row import VideoRow
from .webhook_body import WebhookBody
from .webhook_body_events_item import WebhookBodyEventsItem
from .webhook_page import WebhookPage
from .webhook_response import WebhookResponse
from .webhook_test_data import WebhookTestData
from .webhook_test_event import WebhookTestEvent
from .xapi_statement import XapiStatement
from .xapi_statement_actor import XapiStatementActor
from .xapi_statement_context import XapiStatementContext
from .xapi_statement_object import XapiStatementObject
from .xapi_statement_result import XapiStatementResult
from .xapi_statement_verb import XapiStatementVerb

__all__ = (
    "Alternative",
    "AuthFrame",
    "CatalogCourse",
    "CatalogPage",
    "Changes",
    "ChapterBody",
    "ClearedFrame",
    "ClientHeartbeatFrame",
    "CompletedFrame",
    "CompletionBody",
    "CompletionsOfDay",
    "ContinueItem",
    "ContinueItemReason",
    "ContinueWatching",
    "CourseAnalytics",
    "CourseBody",
    "CourseCompletedData",
    "CourseCompletedEvent",
    "CourseFrame",
    "CourseLearners",
    "CourseProgress",
    "CourseProgressResponse",
    "CourseProgressVideos",
    "CourseResponse",
    "CourseStudents",
    "CurvesResponse",
    "DeliveryPage",
    "DeliveryResponse",
    "DeliveryResponseStatus",
    "DropOffResponse",
    "EnrollmentPage",
    "EnrollmentResponse",
    "EnrollmentsResponse",
    "ErasureResponse",
    "ErasureResponseState",
    "EventBody",
    "EventBodyKind",
    "EventResult",
    "EventResultStatus",
    "EventsBody",
    "EventsResponse",
    "ExportedDevice",
    "ExportedEnrollment",
    "ExportedEnrollmentKind",
    "ExportedEvent",
    "ExportedEventData",
    "ExportedEventKind",
    "ExportedPreferences",
    "ExportedPreferencesHistory",
    "ExportedProgress",
    "ExportedSession",
    "ExportedStatement",
    "ExportEnd",
    "ExportHeader",
    "GetCourseAnalyticsTable",
    "GetVideoAnalyticsTable",
    "Health",
    "HeartbeatFrame",
    "ImportResult",
    "ImportResultStatus",
    "ImportRowBody",
    "ListedCourse",
    "ListedMaterials",
    "ListWebhookDeliveriesStatus",
    "Mark",
    "MaterialBody",
    "MaterialResponse",
    "MaterialTotals",
    "Message",
    "MyCourses",
    "NextMaterial",
    "PlayingFrame",
    "PreferencesBody",
    "PreferencesBodyHistory",
    "PreferencesResponse",
    "PreferencesResponseHistory",
    "Problem",
    "ProblemCode",
    "ProblemField",
    "ProgressErasedData",
    "ProgressErasedEvent",
    "ProgressFrame",
    "ProgressTenth",
    "ReadyFrame",
    "RecentWeek",
    "RegisteredWebhook",
    "ReplayBody",
    "ReplayPeakResponse",
    "ReplayResponse",
    "ReportBody",
    "ReportBodyKind",
    "ResumeResponse",
    "ResumeResponseReason",
    "ResyncFrame",
    "SegmentBody",
    "SentTestEvent",
    "Skip",
    "StatementsResponse",
    "Status",
    "Statuses",
    "StatusesProgress",
    "StatusSummary",
    "StoredEnrollmentResponse",
    "StudentIds",
    "StudentProgress",
    "VideoAnalytics",
    "VideoCompletedData",
    "VideoCompletedEvent",
    "VideoIds",
    "VideoLearners",
    "VideoRow",
    "WebhookBody",
    "WebhookBodyEventsItem",
    "WebhookPage",
    "WebhookResponse",
    "WebhookTestData",
    "WebhookTestEvent",
    "XapiStatement",
    "XapiStatementActor",
    "XapiStatementContext",
    "XapiStatementObject",
    "XapiStatementResult",
    "XapiStatementVerb",
)
