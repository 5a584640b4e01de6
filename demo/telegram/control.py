"""The control API, used by the page and by the end-to-end tests. JSON in, JSON out.

Every mistake of the caller is a 400 with {"error": "..."}.

Reading
  GET  /control/world                   people, bot, token-free settings
  GET  /control/chats[?user=ID]         chats (of one person), with last and pinned message
  GET  /control/chats/ID/messages[?after=N]   messages: text, html, buttons, edits, silent, files
  GET  /control/menu?user=ID&chat=ID    the command menu this person sees there
  GET  /control/queries[/QID][?wait=S]  taps and their answers; with wait: until answered
  GET  /control/events?after=N[&wait=S] {"last", "lost", "events"}; `lost`: read everything anew
       (Accept: text/event-stream: the same as a stream; the event id is the number)
  GET  /control/files/FILE_ID           a file's bytes
  GET  /control/calls                   calls per method, answers per status, 429s of the limits
       [?method=M&count=N&wait=S]       … once the method was called so many times
Acting as a person (`chat` left out: the person's private chat)
  POST /control/say      user, text, [chat, reply_to, thread, caption, forward_from, force,
                         sent_as: anonymous|channel|auto_forward]; a list of these says many
  POST /control/tap      user, message_id, [chat], text or data, [forged, inaccessible, force];
                         a list taps many
  POST /control/edit     user, chat, message_id, text
  POST /control/delete   user, chat, message_id
  POST /control/bot      chat, user, status: member|administrator|kicked|left|deactivated
                         (kicked in a private chat = blocked)
  POST /control/rooms    a room as in the world file; an existing id is made anew
  POST /control/rights   chat, read_only
  POST /control/topics   chat, topics: ids that exist
  POST /control/migrate  chat, user → {"chat_id": new id}
Breaking
  POST /control/faults   kind: refuse|drop_before|drop_after|latency|html, [method, chat_id,
                         times (null: until cleared), status, description, parameters, seconds]
  GET, DELETE /control/faults
  POST /control/outage   on: every call of the bot, long polls too, ends without an answer
  POST /control/limits   on: Telegram's real pace
  POST /control/reset    forget messages, taps, faults, counters
"""

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from demo.telegram.control_acts import Acts
from demo.telegram.control_io import BodyError, polite
from demo.telegram.methods.commands import menu
from demo.telegram.state import State
from demo.telegram.views import chat_view, event_view, message_view
from demo.telegram.world import Json

LONGEST_WAIT = 60.0
HEARTBEAT = 10.0
EVENTS_AT_ONCE = 500


@dataclass(slots=True)
class Control:
    state: State
    closing: bool = False

    def routes(self) -> list[web.RouteDef]:
        reading = {
            "/control/world": self.world,
            "/control/chats": self.chats,
            r"/control/chats/{chat:-?\d+}/messages": self.messages,
            "/control/menu": self.menu,
            "/control/queries": self.queries,
            r"/control/queries/{query:\d+}": self.query,
            "/control/files/{file}": self.file,
            "/control/calls": self.calls,
        }
        routes = [web.get(path, polite(handler)) for path, handler in reading.items()]
        return [*routes, web.get("/control/events", self.events), *Acts(self.state).routes()]

    async def close(self, _: web.Application) -> None:
        """End the streams and waits, so that the server can stop."""
        self.closing = True
        self.state.journal.bell.ring()
        self.state.answered.ring()
        self.state.called.ring()
        self.state.updates.close()

    async def world(self, request: web.Request) -> Json:
        del request
        world = self.state.world
        return {
            "people": [
                {"id": each.id, "name": each.first_name, "role": each.role}
                for each in self.state.people.values()
            ],
            "bot": {"id": world.bot_id, "name": world.bot_name, "username": world.bot_username},
            "last": self.state.journal.last,
            "outage": self.state.faults.outage,
        }

    async def chats(self, request: web.Request) -> Json:
        user = _number(request, "user", 0)
        chats = self.state.chats.values()
        seen = [chat_view(chat) for chat in chats if not user or user in chat.members]
        return {"last": self.state.journal.last, "chats": seen}

    async def messages(self, request: web.Request) -> Json:
        chat = self.state.chats.get(int(request.match_info["chat"]))
        if chat is None:
            raise BodyError("there is no such chat")
        after = _number(request, "after", 0)
        kept = [each for each in chat.messages.values() if each.api["message_id"] > after]
        return {"messages": [message_view(chat, each) for each in kept]}

    async def menu(self, request: web.Request) -> Json:
        chat = self.state.chats.get(_number(request, "chat", 0))
        if chat is None:
            raise BodyError("there is no such chat")
        return {"commands": menu(self.state, chat, _number(request, "user", 0))}

    async def queries(self, request: web.Request) -> Json:
        del request
        return {"queries": [query.as_json() for query in self.state.queries.values()]}

    async def query(self, request: web.Request) -> Json:
        query = self.state.queries.get(request.match_info["query"])
        if query is None:
            raise BodyError("there is no such query")
        ends = _now() + min(_number(request, "wait", 0), LONGEST_WAIT)
        while query.answer is None and not self.closing and (left := ends - _now()) > 0:
            await self.state.answered.wait(left)
        return query.as_json()

    async def file(self, request: web.Request) -> web.Response:
        stored = self.state.files.stored.get(request.match_info["file"])
        if stored is None:
            return web.json_response({"error": "there is no such file"}, status=404)
        kind = "image/png" if stored.width and stored.name.endswith("png") else ""
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "max-age=86400, immutable",
        }
        if not stored.width:
            headers["Content-Disposition"] = _attachment(stored.name)
            kind = "application/octet-stream"
        kind = kind or "image/jpeg"
        return web.Response(body=stored.content, content_type=kind, headers=headers)

    async def calls(self, request: web.Request) -> Json:
        state = self.state
        method = request.query.get("method", "").lower()
        ends = _now() + min(_number(request, "wait", 0), LONGEST_WAIT)
        count = _number(request, "count", 0)
        while state.calls[method] < count and not self.closing and (left := ends - _now()) > 0:
            await state.called.wait(left)
        return {
            "methods": dict(state.calls),
            "answers": {str(status): count for status, count in state.answers.items()},
            "refused_by_limits": state.limits.refused,
        }

    async def events(self, request: web.Request) -> web.StreamResponse:
        after = _number(request, "after", 0)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, after)
        await self._wait_for_events(after, min(_number(request, "wait", 0), LONGEST_WAIT))
        return web.json_response(self._events_after(after))

    def _events_after(self, after: int) -> Json:
        journal = self.state.journal
        fresh = journal.after(after)[:EVENTS_AT_ONCE]
        return {
            "last": fresh[-1]["n"] if fresh else journal.last,
            "lost": journal.lost(after),
            "events": [event_view(self.state, event) for event in fresh],
        }

    async def _wait_for_events(self, after: int, seconds: float) -> None:
        ends = _now() + seconds
        journal = self.state.journal
        while journal.last == after and not self.closing and (left := ends - _now()) > 0:
            await journal.bell.wait(left)

    async def _stream(self, request: web.Request, after: int) -> web.StreamResponse:
        after = int(request.headers.get("Last-Event-ID") or after)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            await response.write(b"retry: 1000\n\n")
            while not self.closing:
                page = self._events_after(after)
                if page["events"] or page["lost"]:
                    after = page["last"]
                    await response.write(f"id: {after}\ndata: {json.dumps(page)}\n\n".encode())
                else:
                    await response.write(b": still here\n\n")
                    await self._wait_for_events(after, HEARTBEAT)
        except ConnectionError:
            pass
        return response


def _now() -> float:
    return asyncio.get_running_loop().time()


def _number(request: web.Request, name: str, default: int) -> int:
    try:
        return int(float(request.query.get(name, default)))
    except ValueError:
        raise web.HTTPBadRequest(text=f"{name} must be a number") from None


def _attachment(name: str) -> str:
    safe = "".join(each if each.isalnum() or each in "._- " else "_" for each in name)
    return f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
