from enum import Enum


class ProblemCode(str, Enum):
    ADDRESS_TOO_LONG = "address_too_long"
    BAD_CURSOR = "bad_cursor"
    BODY_TOO_LARGE = "body_too_large"
    CONFLICT = "conflict"
    COURSE_NOT_FOUND = "course_not_found"
    DURATION_MISMATCH = "duration_mismatch"
    ENROLLMENT_NOT_FOUND = "enrollment_not_found"
    FORBIDDEN = "forbidden"
    HEADERS_TOO_LARGE = "headers_too_large"
    INTERNAL_ERROR = "internal_error"
    INVALID = "invalid"
    MALFORMED_REQUEST = "malformed_request"
    MATERIAL_NOT_FOUND = "material_not_found"
    MATERIAL_TAKEN = "material_taken"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ENROLLED = "not_enrolled"
    NOT_FOUND = "not_found"
    NOT_HTTPS = "not_https"
    NOT_TEACHER = "not_teacher"
    PRIVATE_ADDRESS = "private_address"
    REQUEST_TIMEOUT = "request_timeout"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    TOO_MANY_VALUES = "too_many_values"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    TOO_OFTEN = "too_often"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"
    VERSION_NOT_SUPPORTED = "version_not_supported"
    VIDEO_NOT_FOUND = "video_not_found"
    WEBHOOK_INACTIVE = "webhook_inactive"
    WEBHOOK_NOT_FOUND = "webhook_not_found"
    WRONG_ROLE = "wrong_role"

    def __str__(self) -> str:
        return str(self.value)
