"""`setup`: from a token to a complete file of settings, by questions. Nobody hunts for a chat id.

Nothing is written before the last question, and then whole or not at all.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.commands.guide import choices, env_text, files, shop, telegram
from bot.commands.guide.files import EnvFile
from bot.commands.guide.talk import Stopped, Talk
from bot.core.model import phrase
from bot.doctor._telegram import Way
from bot.doctor.state_database import holder
from bot.settings_state import StateSettings
from bot.settings_tables import Read, S

__all__ = ["Guide", "Stopped", "Talk"]

SERVER = "https://api.telegram.org"
# What says how Telegram is reached; where the environment says it, the file must know it too.
WAYS = ("TELEGRAM_API_URL", "TELEGRAM_PROXY_URL")
PLAIN = frozenset({"ADMIN_CHAT_ID", "ALERT_CHAT_IDS"})
# Whoever copies SoVAni's settings into another folder takes everything but these.
OWN = frozenset(
    {"BOT_TOKEN", "ADMIN_CHAT_ID", "ALERT_CHAT_IDS", "STATE_DATABASE_URL", "DATABASE_URL", *WAYS}
)


@dataclass(slots=True)
class Guide:
    talk: Talk
    target: Path
    clock: Callable[[], datetime]
    environ: Mapping[str, str]
    shop_folder: Path | None = None  # its .env is read by the assistant too
    home: Path = Path("/nonexistent")

    async def lead(self) -> None:
        """Ask everything and write the file. Raises `Stopped` with the reason in words."""
        self._must_be_there()
        own, near = self._read()
        read_too = near is not None and near.path.parent == self.shop_folder
        beside = near.values if near and read_too else {}
        known = {**beside, **own.values}
        await self._may_begin(own)
        if near and not read_too:
            known = await self._take_over(near, known)
        changes = await self._ask(own, near, known)
        before = {**beside, **own.values}
        changes = {name: value for name, value in changes.items() if before.get(name) != value}
        await self._write(own, await self._shared(own, changes))

    def _must_be_there(self) -> None:
        for folder in filter(None, (self.target.parent, self.shop_folder)):
            if not folder.is_dir():
                raise Stopped(phrase("setup_no_folder", folder=str(folder)))

    def _read(self) -> tuple[EnvFile, EnvFile | None]:
        try:
            return files.read(self.target), self._near()
        except (OSError, UnicodeDecodeError) as error:
            path = str(getattr(error, "filename", None) or self.target)
            raise Stopped(phrase("setup_unreadable", path=path)) from None

    def _near(self) -> EnvFile | None:
        """Whoever names the shop's folder knows whose file of settings is there."""
        if self.shop_folder is None:
            return files.shops_env(self._places(), self.target)
        named = files.read(self.shop_folder / ".env")
        return named if named.is_there else None

    def _places(self) -> list[Path]:
        shop_first = [self.shop_folder] if self.shop_folder else []
        return [*shop_first, *files.folders(self.target, Path.cwd(), self.home)]

    async def _may_begin(self, own: EnvFile) -> None:
        if pid := self._running(own):
            raise Stopped(phrase("setup_running", pid=pid))
        if not os.access(self.target.parent, os.W_OK):
            raise Stopped(phrase("setup_closed", folder=str(self.target.parent)))
        self.talk.say("setup_begins", "bold", path=str(self.target))
        if own.is_shops:
            kept = sum(name in files.NAMES for name in own.values)
            self.talk.say("setup_shops_file", path=str(self.target), settings=kept)
        elif own.is_there:
            self.talk.say("setup_there", path=str(self.target))
        if own.is_there and not await self.talk.yes(phrase("setup_change"), default=True):
            raise Stopped(phrase("setup_nothing_written"))

    def _running(self, own: EnvFile) -> str | None:
        named = own.values.get("STATE_DATABASE_URL") or self.environ.get("STATE_DATABASE_URL")
        default = StateSettings.model_fields["state_database_url"].default
        path = Path(str(named or default).partition(":///")[2])
        try:
            return holder(path if path.is_absolute() else self.target.parent / path)
        except PermissionError:
            return None

    async def _take_over(self, near: EnvFile, known: dict[str, str]) -> dict[str, str]:
        """Offer to copy what SoVAni's own file says; it is not read from this folder."""
        shown = {n: v for n, v in near.values.items() if n in files.NAMES - OWN}
        count = len(shown.keys() - known.keys())
        asked = phrase("setup_take", path=str(near.path), settings=count)
        if await self.talk.yes(asked, default=True):
            return {**shown, **known}
        return known

    async def _ask(
        self, own: EnvFile, near: EnvFile | None, known: Mapping[str, str]
    ) -> dict[str, str]:
        talk = self.talk
        ways = {name: self.environ[name] for name in WAYS if self.environ.get(name)}
        found = {**known, **ways}
        way = Way(
            server=found.get(WAYS[0], SERVER).rstrip("/"),
            token=own.values.get("BOT_TOKEN", ""),
            proxy=found.get(WAYS[1]),
        )
        shops_token = (near or own).values.get(files.SHOP_BOT)
        way, me = await telegram.know(talk, way, shops_token)
        await telegram.refuse_webhook(talk, way, known.get("WEBHOOK_URL"))
        meeting = choices.known(known)
        await telegram.meet(talk, way, str(me.get("username")), meeting)
        answers = {
            **known,
            **ways,
            **({WAYS[1]: way.proxy} if way.proxy else {}),
            "BOT_TOKEN": way.token,
            **await choices.chats(talk, meeting, known),
            **await choices.roles(talk, meeting, known),
        }
        answers["DATABASE_URL"] = await self._database(own, near, answers)
        return answers

    async def _database(
        self, own: EnvFile, near: EnvFile | None, answers: Mapping[str, str]
    ) -> str:
        folder = self.target.parent
        known = own.values.get("DATABASE_URL", "")
        if not known and near and "DATABASE_URL" in near.values:
            try:
                known = shop.placed(near.values["DATABASE_URL"], near.path.parent)
            except ValueError:
                known = ""
        found = [] if known else files.databases(self._places())

        def load(url: str) -> Read:
            def read(kind: type[S], /) -> S:
                return self._settings(kind, own, {**answers, "DATABASE_URL": url})

            return read

        return await shop.choose(self.talk, folder, known, found, load)

    def _settings(self, kind: type[S], own: EnvFile, answers: Mapping[str, str]) -> S:
        """Read them as the assistant will, from a file that is gone again at once."""
        with TemporaryDirectory() as folder:
            draft = Path(folder, "env")
            draft.touch(files.OURS)
            draft.write_text(env_text.changed(own.text, answers), encoding="utf-8")
            return kind(_env_file=draft)

    async def _shared(self, own: EnvFile, changes: dict[str, str]) -> dict[str, str]:
        """Ask before anything changes for SoVAni, which reads the same file."""
        theirs = [name for name in changes if own.is_shops and name in own.values]
        theirs = [name for name in theirs if name != "BOT_TOKEN"]
        asked = phrase("setup_shared", names=[*theirs])
        if theirs and not await self.talk.yes(asked, default=False):
            return {name: value for name, value in changes.items() if name not in theirs}
        return changes

    async def _write(self, own: EnvFile, changes: Mapping[str, str]) -> None:
        talk = self.talk
        if not changes:
            raise Stopped(phrase("setup_no_change"))
        for name, value in changes.items():
            talk.tell(phrase("setup_line", name=name, value=_shown(name, value)), listed=True)
        if not await talk.yes(phrase("setup_write", path=str(self.target)), default=True):
            raise Stopped(phrase("setup_nothing_written"))
        try:
            text = env_text.changed(own.text, changes)
            copy = files.replace(self.target, text, self.clock())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Stopped(phrase("setup_not_written", path=str(self.target), why=why)) from None
        talk.say("setup_written", "green", path=str(self.target))
        if copy is not None:
            talk.say("setup_copy", path=str(copy))
        talk.say("setup_next")


def _shown(name: str, value: str) -> str:
    """Show ids and files; never what may be a secret, such as the address of a server."""
    if name == "DATABASE_URL":
        return value if value.startswith("sqlite") else ""
    return value if name in PLAIN or name.endswith("_USER_IDS") else ""
