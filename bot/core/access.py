"""Who may do what: decided here and nowhere else, by numeric user id and role. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.core.model import Role

# Telegram's stand-ins for people it does not name: anonymous admins, channels, "send as channel".
NOBODY = frozenset({1087968824, 777000, 136817688})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    admins: Collection[int]
    managers: Collection[int]
    viewers: Collection[int]
    chats: Collection[int]  # where people may talk to us besides their private chats

    def role(self, user_id: int) -> Role | None:
        """The highest role of this person; None: a stranger."""
        if user_id in NOBODY:
            return None
        for role, people in (
            (Role.ADMIN, self.admins),
            (Role.MANAGER, self.managers),
            (Role.VIEWER, self.viewers),
        ):
            if user_id in people:
                return role
        return None

    def knows_chat(self, chat_id: int, user_id: int) -> bool:
        """A private chat has its owner's id; any other must be named in the settings."""
        return chat_id == user_id or chat_id in self.chats

    def anybody_else(self, user_id: int, role: Role) -> bool:
        """Whether another person has this role or more."""
        people = {*self.admins, *self.managers, *self.viewers} - {user_id}
        found = [self.role(person) for person in people]
        return any(one is not None and one.rank >= role.rank for one in found)
