from enum import Enum


class ExportedEnrollmentKind(str, Enum):
    ENROLLMENT = "enrollment"
    FORMER_ENROLLMENT = "former_enrollment"

    def __str__(self) -> str:
        return str(self.value)
