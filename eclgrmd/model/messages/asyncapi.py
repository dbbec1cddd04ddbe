"""The AsyncAPI document of all NATS messages, generated from the message types."""

import re
from typing import Any

import msgspec

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.quicklook.packet import PACKETS
from eclgrmd.model.quicklook.updates import QuickLookState
from eclgrmd.model.task import TaskState

from .founding import ServiceMessage
from .incoming import DataNotification, RerunRequest, TaskRequest
from .version1 import SUBJECTS

__all__ = ["asyncapi_document", "encode_asyncapi"]

_INCOMING, _VHF, _ACTIVITY = "data.bandx", "data.vhf", "activity.eclgrm"
_PARAMETERS = {
    "burst": {
        "description": "Id of the burst; bytes other than letters, digits and `_ - : +` are `%XX`."
    },
    "state": {
        "description": "State that the task (or the quick look) is in now.",
        "enum": [*TaskState, *QuickLookState],
    },
}
_ABOUT = (
    "Data notifications, tasks and re-runs come on `data.bandx` (JetStream), notices (VOEvent 2.0) "
    "and packets of the VHF network (JSON, or a binary form of the same) on `data.vhf`. "
    "Everything is announced twice: in the founding document's envelope (version 0) on "
    "`activity.eclgrm`, and as a typed message (version 1) under `eclgrm.v1.`. The JetStream "
    "stream ECLGRM-V1 keeps typed messages for 30 days, so that a late client can catch up. "
    "`Nats-Msg-Id` of a typed message is its `id`."
)


def asyncapi_document() -> dict[str, Any]:
    """Return a description of all subjects and messages in AsyncAPI 3.0 and JSON Schema draft 7."""
    outgoing = {_channel_name(subject): (subject, kind) for kind, subject in SUBJECTS.items()}
    channels = {
        "incoming": _channel(_INCOMING, [DataNotification, TaskRequest, RerunRequest]),
        "alerts": _channel(_VHF, list(PACKETS)),
        "activity": _channel(_ACTIVITY, [ServiceMessage]),
        **{name: _channel(subject, [kind]) for name, (subject, kind) in outgoing.items()},
    }
    kinds = [DataNotification, TaskRequest, RerunRequest, *PACKETS, ServiceMessage, *SUBJECTS]
    _, schemas = msgspec.json.schema_components(
        [*kinds, TaskConfiguration], ref_template="#/components/schemas/{name}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "eclgrmd",
            "version": "1.1",
            "description": _ABOUT,
            "license": {"name": "BSD-3-Clause"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {
            name: {
                "action": "receive" if name in {"incoming", "alerts"} else "send",
                "channel": {"$ref": f"#/channels/{name}"},
            }
            for name in channels
        },
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in kinds},
            "schemas": _draft7(schemas),
        },
    }


def encode_asyncapi() -> bytes:
    """Encode the document as indented, reproducible JSON."""
    return msgspec.json.format(msgspec.json.encode(asyncapi_document()), indent=1) + b"\n"


def _channel(address: str, kinds: list[Any]) -> dict[str, Any]:
    parameters = {name: _PARAMETERS[name] for name in re.findall(r"\{(\w+)\}", address)}
    messages = {k.__name__: {"$ref": f"#/components/messages/{k.__name__}"} for k in kinds}
    channel: dict[str, Any] = {"address": address, "messages": messages}
    return {**channel, "parameters": parameters} if parameters else channel


def _channel_name(subject: str) -> str:
    return f"v1-{subject.split('.')[2]}"


def _message(kind: Any) -> dict[str, Any]:
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return {
        "name": kind.__name__,
        "summary": summary,
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def _draft7(node: Any) -> Any:
    """Convert a schema to draft 7, AsyncAPI's default: other tuples, and no discriminators."""
    if isinstance(node, list):
        return [_draft7(item) for item in node]
    if isinstance(node, str):
        return node.replace("#/$defs/", "#/components/schemas/")
    if not isinstance(node, dict):
        return node
    left_out = {"prefixItems"}
    if isinstance(node.get("discriminator"), dict) and "propertyName" in node["discriminator"]:
        left_out.add("discriminator")
    written = {key: _draft7(value) for key, value in node.items() if key not in left_out}
    if "prefixItems" in node:
        written["items"] = _draft7(node["prefixItems"])
        written["additionalItems"] = False
    return written
