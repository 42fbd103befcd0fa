from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.xapi_statement_actor import XapiStatementActor
    from ..models.xapi_statement_context import XapiStatementContext
    from ..models.xapi_statement_object import XapiStatementObject
    from ..models.xapi_statement_result import XapiStatementResult
    from ..models.xapi_statement_verb import XapiStatementVerb


T = TypeVar("T", bound="XapiStatement")


@_attrs_define
class XapiStatement:
    """A statement of the xAPI Video Profile 1.0.4.

    Attributes:
        id (str):
        actor (XapiStatementActor): The student, as an account.
        verb (XapiStatementVerb): `completed` or `terminated`.
        object_ (XapiStatementObject): The video.
        result (XapiStatementResult): Time spent, position, share and segments that were played.
        context (XapiStatementContext): Registration, course, length, threshold and session.
        timestamp (datetime.datetime): UTC. When the video was completed, or the session last reported.
    """

    id: str
    actor: XapiStatementActor
    verb: XapiStatementVerb
    object_: XapiStatementObject
    result: XapiStatementResult
    context: XapiStatementContext
    timestamp: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        actor = self.actor.to_dict()

        verb = self.verb.to_dict()

        object_ = self.object_.to_dict()

        result = self.result.to_dict()

        context = self.context.to_dict()

        timestamp = self.timestamp.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "actor": actor,
                "verb": verb,
                "object": object_,
                "result": result,
                "context": context,
                "timestamp": timestamp,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.xapi_statement_actor import XapiStatementActor  # noqa: PLC0415
        from ..models.xapi_statement_context import XapiStatementContext  # noqa: PLC0415
        from ..models.xapi_statement_object import XapiStatementObject  # noqa: PLC0415
        from ..models.xapi_statement_result import XapiStatementResult  # noqa: PLC0415
        from ..models.xapi_statement_verb import XapiStatementVerb  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        actor = XapiStatementActor.from_dict(d.pop("actor"))

        verb = XapiStatementVerb.from_dict(d.pop("verb"))

        object_ = XapiStatementObject.from_dict(d.pop("object"))

        result = XapiStatementResult.from_dict(d.pop("result"))

        context = XapiStatementContext.from_dict(d.pop("context"))

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        _made = cls(
            id=id,
            actor=actor,
            verb=verb,
            object_=object_,
            result=result,
            context=context,
            timestamp=timestamp,
        )

        _made.additional_properties = d
        return _made

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
