"""Who is asking, may they, and not too often: decided before anything of a request is read."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from aiohttp import web

from bot.core import grants
from bot.core.grants import ApiToken
from bot.core.model import Person, Role
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Budget
from bot.web.limits import Buckets
from bot.web.problems import ProblemError, problem, retry

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="SoVAni Ops"'}
STRANGERS_PER_SECOND, STRANGERS_BURST = 5.0, 30.0
RECORDED_PER_SECOND, RECORDED_BURST = 1 / 60, 3.0  # wrong tokens written down, of one address
SECONDS_OF_BURST = 2.0
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@dataclass(kw_only=True)
class Gate:
    context: Context
    _strangers: Buckets = field(init=False)
    _recorded: Buckets = field(init=False)
    _known: Mapping[Budget, Buckets] = field(init=False)

    def __post_init__(self) -> None:
        context = self.context

        def buckets(rate: float, burst: float) -> Buckets:
            return Buckets(rate=rate, burst=max(1.0, burst), clock=context.monotonic)

        self._strangers = buckets(STRANGERS_PER_SECOND, STRANGERS_BURST)
        self._recorded = buckets(RECORDED_PER_SECOND, RECORDED_BURST)
        calls, incoming = context.per_second, context.incoming_per_second
        self._known = {
            Budget.CALLS: buckets(calls, calls * SECONDS_OF_BURST),
            Budget.INCOMING: buckets(incoming, incoming * SECONDS_OF_BURST),
        }

    async def admit(self, endpoint: AnyEndpoint, request: web.Request) -> ApiToken | None:
        """Let it through, with the token it has shown, or raise what is answered instead."""
        secret = _bearer(request)
        token = grants.find(self.context.tokens, secret) if secret is not None else None
        if token is None:
            self.slow_down(request)
            if endpoint.needs is None or (secret is None and self._is_local(endpoint, request)):
                return None
            await self._turn_away(request, known=secret is not None)
        assert token is not None  # noqa: S101  # whoever has none was turned away
        if wait := self._known[endpoint.budget].take(token.name):
            raise retry(HTTPStatus.TOO_MANY_REQUESTS, "api_too_many", wait)
        return await self._checked(endpoint, request, token)

    def slow_down(self, request: web.Request) -> None:
        """Count a request that nobody stands behind against its address."""
        if wait := self._strangers.take(request.remote or ""):
            raise retry(HTTPStatus.TOO_MANY_REQUESTS, "api_too_many", wait)

    async def _checked(
        self, endpoint: AnyEndpoint, request: web.Request, token: ApiToken
    ) -> ApiToken:
        if token.user_id is not None:
            role = self.context.access.role(token.user_id)
            if role is None:
                await self.refuse(request, token, problem_of_owner(token))
            token = replace(token, grant=token.grant.at_most(role or Role.VIEWER))
        needed = endpoint.needs
        if needed is not None and not token.grant.covers(needed):
            refusal = problem(
                HTTPStatus.FORBIDDEN, "api_role", role=token.grant.value, needed=needed.value
            )
            await self.refuse(request, token, refusal)
        return token

    async def refuse(self, request: web.Request, token: ApiToken, refusal: ProblemError) -> None:
        """Write the refusal down, then answer it."""
        await self.record(person(token), did(request), refusal.why.key)
        raise refusal

    async def record(self, who: Person, did: str, verdict: str) -> None:
        now = self.context.clock()
        await self.context.store.write(
            lambda tx: tx.audit.write(now=now, who=who, chat_id=0, did=did, verdict=verdict)
        )

    async def _turn_away(self, request: web.Request, *, known: bool) -> None:
        """A wrong token is recorded, as a stranger's message is; a flood of them is not."""
        if known and not self._recorded.take(request.remote or ""):
            stranger = Person(id=0, name=f"api:? from {request.remote}")
            await self.record(stranger, did(request), "api_wrong_token")
        key = "api_wrong_token" if known else "api_no_token"
        raise problem(HTTPStatus.UNAUTHORIZED, key, CHALLENGE)

    def _is_local(self, endpoint: AnyEndpoint, request: web.Request) -> bool:
        """A program on this machine, not a stranger whom a proxy on this machine passes on."""
        if not (self.context.open_reads and endpoint.local and request.remote):
            return False
        if any(name in request.headers for name in FORWARDED):
            return False
        # A page of a stranger may have its own name lead here; the browser then says that name.
        called = request.url.host or ""
        return _is_loopback(request.remote) and (called == "localhost" or _is_loopback(called))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def problem_of_owner(token: ApiToken) -> ProblemError:
    return problem(HTTPStatus.FORBIDDEN, "api_owner_gone", name=token.name)


def did(request: web.Request) -> str:
    return f"{request.method} {request.path}"[:200]


def person(token: ApiToken) -> Person:
    """The one who acts, for the audit log."""
    return Person(id=token.number, name=f"api:{token.name}", role=token.role)


def _bearer(request: web.Request) -> str | None:
    """The token of the header; None: there is none. One in the address is never looked at."""
    given = request.headers.get("Authorization")
    if given is None:
        return None
    scheme, _, secret = given.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
