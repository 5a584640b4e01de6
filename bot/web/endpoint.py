"""What the API offers, declared once: what is declared here is served and documented."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.core.grants import ApiToken, Grant
from bot.core.model import Person


class Nothing(BaseModel):
    """No parameters, or no body."""

    model_config = ConfigDict(extra="ignore")


P = TypeVar("P", bound=BaseModel)  # of the path
Q = TypeVar("Q", bound=BaseModel)  # of the query
B = TypeVar("B", bound=BaseModel)  # of the body


class Budget(StrEnum):
    """Which bucket a request is taken from."""

    CALLS = "calls"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[P, Q, B]):
    """One request that may be served: who asks, and what, already checked."""

    path: P
    query: Q
    body: B
    raw: bytes
    who: Person
    token: ApiToken | None
    did: str  # for the audit log: method and path
    key: str | None  # of `Idempotency-Key`: the same one is the same decision


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not simply a model with 200."""

    body: BaseModel | bytes
    status: HTTPStatus = HTTPStatus.OK
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[P, Q, B]):
    """One method of one path.

    `needs` None: open to everybody who can connect; `local` ones are open to programs on this
    machine as well, where the settings say so; `head` ones answer HEAD too. `raw` bodies
    are read by the endpoint itself; `example` is what the documents show for them. `refusals`
    are the statuses of its own problems, each with a sentence.
    """

    method: str
    path: str
    name: str
    about: str
    work: Callable[[Call[P, Q, B]], Awaitable[BaseModel | Reply]]
    answer: type[BaseModel] | str  # a model, or a media type
    needs: Grant | None
    local: bool = False
    head: bool = False
    params: type[BaseModel] = Nothing
    query: type[BaseModel] = Nothing
    body: type[BaseModel] = Nothing
    raw: bool = False
    example: Any = None
    status: HTTPStatus = HTTPStatus.OK
    also: Mapping[HTTPStatus, str] = field(default_factory=dict)  # other good answers
    refusals: Mapping[HTTPStatus, str] = field(default_factory=dict)
    budget: Budget = Budget.CALLS
    most_bytes: int = 64_000
    seconds: float = 20.0
    group: str = "Operations"

    @property
    def has_body(self) -> bool:
        return self.raw or self.body is not Nothing


AnyEndpoint = Endpoint[Any, Any, Any]
