"""What somebody wants done, before anybody has looked whether it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.access import Access
from bot.core.job import Arg
from bot.core.model import Alert, Role
from bot.core.records import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An action with its arguments, read already, and where it was asked for.

    `key` is unique for ever: the same wish that comes again is one decision. `typed` wishes are
    only proposed, whatever the action's guard. Without a chat the question goes to the admins.
    """

    action: str
    key: str
    args: Mapping[str, Arg] = field(default_factory=dict)
    alert: Alert | None = None
    origin: Run | None = None  # the run to undo or to go on with
    chat_id: int | None = None
    topic_id: int | None = None
    reply_to: int | None = None  # the post that was tapped
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Right:
    """What the one who asks may do now, and who else there is."""

    role: Role | None
    access: Access
