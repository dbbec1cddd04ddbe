"""Requests served over NATS as a micro service."""

from collections.abc import Awaitable, Callable, Sequence

import nats.micro
from nats.micro.request import Request, ServiceError

from eclgrmd.errors import EclgrmdError, InputError

from .session import Session
from .values import Endpoint

__all__ = ["start_service"]


async def start_service(
    session: Session, name: str, version: str, description: str, endpoints: Sequence[Endpoint]
) -> None:
    """Serve the endpoints as service ``name``, which also answers PING, INFO and STATS."""
    service = await nats.micro.add_service(
        session.client, name=name, version=version, description=description
    )
    for endpoint in endpoints:
        await service.add_endpoint(
            name=endpoint.name, subject=endpoint.subject, handler=_answering(endpoint.handler)
        )
    await session.client.flush()


def _answering(
    handler: Callable[[bytes], Awaitable[bytes]],
) -> Callable[[Request], Awaitable[None]]:
    async def answer(request: Request) -> None:
        try:
            response = await handler(request.data)
        except InputError as error:
            raise ServiceError("400", str(error)) from error
        except EclgrmdError as error:
            raise ServiceError("500", str(error)) from error
        await request.respond(response)

    return answer
