"""The part of the control API that acts as a person and breaks things. See `control`."""

from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from demo.telegram import people
from demo.telegram.chats import BotStatus, Chat
from demo.telegram.control_io import (
    BodyError,
    build,
    flag,
    polite,
    read_json,
    read_object,
    whole,
    words,
)
from demo.telegram.faults import fault_from
from demo.telegram.people import As, Say, Tap
from demo.telegram.state import State
from demo.telegram.world import Json, room_from


@dataclass(frozen=True, slots=True)
class Acts:
    state: State

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "say": self.say,
            "tap": self.tap,
            "edit": self.edit,
            "delete": self.delete,
            "bot": self.bot,
            "rooms": self.rooms,
            "rights": self.rights,
            "topics": self.topics,
            "migrate": self.migrate,
            "faults": self.add_fault,
            "outage": self.outage,
            "limits": self.limits,
            "reset": self.reset,
        }
        routes = [web.post(f"/control/{name}", polite(act)) for name, act in posts.items()]
        return [
            *routes,
            web.get("/control/faults", polite(self.faults)),
            web.delete("/control/faults", polite(self.clear_faults)),
        ]

    async def say(self, request: web.Request) -> object:
        raw = await read_json(request)
        if isinstance(raw, list):
            return [self._say(each) for each in raw]
        return self._say(raw)

    def _say(self, raw: object) -> Json:
        act = build(Say, raw)
        if act.sent_as not in get_args(As):
            raise BodyError(f"sent_as must be one of {', '.join(get_args(As)[1:])}")
        kept, update_id = people.say(self.state, act)
        return {
            "chat_id": kept.api["chat"]["id"],
            "message_id": kept.api["message_id"],
            "update_id": update_id,
        }

    async def tap(self, request: web.Request) -> object:
        raw = await read_json(request)
        if isinstance(raw, list):
            return [people.tap(self.state, build(Tap, each)).as_json() for each in raw]
        return people.tap(self.state, build(Tap, raw)).as_json()

    async def edit(self, request: web.Request) -> object:
        raw = await read_object(request)
        place = whole(raw, "user"), whole(raw, "chat"), whole(raw, "message_id")
        people.edit(self.state, *place, words(raw, "text"))
        return {}

    async def delete(self, request: web.Request) -> object:
        raw = await read_object(request)
        people.delete(self.state, whole(raw, "user"), whole(raw, "chat"), whole(raw, "message_id"))
        return {}

    async def bot(self, request: web.Request) -> object:
        raw = await read_object(request)
        status: BotStatus
        for status in get_args(BotStatus):
            if raw.get("status") == status:
                people.set_bot_status(self.state, whole(raw, "chat"), whole(raw, "user"), status)
                return {}
        raise BodyError(f"status must be one of {', '.join(get_args(BotStatus))}")

    async def rooms(self, request: web.Request) -> object:
        raw = await read_object(request)
        try:
            self.state.add_room(room_from(raw))
        except TypeError as error:
            raise BodyError(str(error)) from error
        return {}

    async def rights(self, request: web.Request) -> object:
        raw = await read_object(request)
        self._chat(raw).read_only = flag(raw, "read_only")
        return {}

    async def topics(self, request: web.Request) -> object:
        raw = await read_object(request)
        self._chat(raw).topics = set(map(int, raw.get("topics", ())))
        return {}

    def _chat(self, raw: Json) -> Chat:
        chat_id = whole(raw, "chat")
        if chat_id not in self.state.chats:
            raise BodyError(f"there is no chat {chat_id}")
        return self.state.chats[chat_id]

    async def migrate(self, request: web.Request) -> object:
        raw = await read_object(request)
        return {"chat_id": people.migrate(self.state, whole(raw, "chat"), whole(raw, "user"))}

    async def add_fault(self, request: web.Request) -> object:
        self.state.faults.planned.append(fault_from(await read_object(request)))
        return {}

    async def faults(self, request: web.Request) -> object:
        del request
        planned = [fault.as_json() for fault in self.state.faults.planned]
        return {"outage": self.state.faults.outage, "faults": planned}

    async def clear_faults(self, request: web.Request) -> object:
        del request
        self.state.faults.planned.clear()
        return {}

    async def outage(self, request: web.Request) -> object:
        self.state.faults.outage = flag(await read_object(request), "on")
        self.state.updates.interrupt()
        return {}

    async def limits(self, request: web.Request) -> object:
        self.state.limits.switch(on=flag(await read_object(request), "on"))
        return {}

    async def reset(self, request: web.Request) -> object:
        del request
        self.state.reset()
        return {}
