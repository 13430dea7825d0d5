"""What Dagster's page answers: requests of its own page, and of programs on this machine. Belongs here: which
requests are refused. Does not belong here: starting the page (`webserver.py`), or anything that it shows."""

from __future__ import annotations

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
GRAPHQL = "/graphql"


class OwnPageOnly:
    """The page has no login: whatever reaches it may start a build. A web site in the user's browser can reach
    it, by a form, an image, a frame, a websocket or a name that it makes point to 127.0.0.1. Each is refused
    here with 403 and one sentence."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in LOOPBACK}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["type"] == "lifespan" else self.refusal(HTTPConnection(scope))
        answer = self.app if refusal is None else PlainTextResponse(refusal, status_code=403)
        await answer(scope, receive, send)

    def refusal(self, request: HTTPConnection) -> str | None:
        """Why a request is refused, or None when it is answered."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return "Refused: the Host header does not name this page."
        if any(origin != f"http://{hosts[0]}" for origin in request.headers.getlist("origin")):
            return "Refused: the request comes from another page."
        if not _is_own_fetch(request):
            return "Refused: another page embeds or fetches this one."
        if request.scope["type"] == "websocket":
            return None
        if request.scope["method"] not in ("GET", "HEAD"):
            # A form of another site can send any other type without asking first.
            return (
                None if _is_json(request) else "Refused: the content type must be application/json."
            )
        # By its beginning: the router takes `/graphql` with a line break at its end for `/graphql`.
        if request.scope["path"].startswith(GRAPHQL) and not _only_reads(request):
            return "Refused: a GraphQL request by GET must be a query."
        return None


def _is_own_fetch(request: HTTPConnection) -> bool:
    """Browsers state what a request is for: another site may link to the page, and nothing else."""
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return True
    return (
        request.headers.get("sec-fetch-dest") == "document" and request.scope.get("method") == "GET"
    )


def _is_json(request: HTTPConnection) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"


def _only_reads(request: HTTPConnection) -> bool:
    """Whether each GraphQL document in the address holds queries and no mutation."""
    try:
        documents = [parse(text) for text in request.query_params.getlist("query")]
    except (GraphQLError, RecursionError):
        return False
    return all(
        definition.operation is OperationType.QUERY
        for document in documents
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )
