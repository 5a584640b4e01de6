"""Read-only questions people ask by command or button."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.core.access import Access
from bot.core.book import Book
from bot.core.model import Alert, Moment, Person, Phrase, Reading, Role, Row
from bot.core.page import Chart, Document, Live, Page, Sheet, Table
from bot.core.params import Param, WrongArguments, date_of, parse, usage
from bot.core.ports import Store, Tx
from bot.core.records import Run
from bot.core.runbook import Remediation, Runbook
from bot.core.tools import Tools

__all__ = [  # with what a command's file needs besides
    "Asking",
    "Chart",
    "Command",
    "Document",
    "Live",
    "Order",
    "Page",
    "Param",
    "Sheet",
    "Table",
    "Wording",
    "WrongArguments",
    "parse",
    "typed",
]


class Wording(Protocol):
    """The sentences that cards already have for readings and alerts."""

    def headline(self, runbook: Runbook, reading: Reading) -> str:
        """One line about a reading, plain text."""
        ...

    def alert_line(self, alert: Alert) -> str:
        """One line about an alert, HTML."""
        ...

    def guide(self, runbook: Runbook, name: str) -> str:
        """What a runbook says: one of its lines, or `about` it, HTML."""
        ...

    def alert_card(self, tx: Tx, alert: Alert, now: datetime) -> str:
        """The text of an alert's card, HTML."""
        ...

    def run_text(self, tx: Tx, run: Run, now: datetime) -> str:
        """The text of a run's message, HTML."""
        ...

    def page_text(self, page: Page) -> str:
        """The text of an answer, HTML."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, what, and all that may be read to answer."""

    who: Person
    chat_id: int
    moment: Moment
    tools: Tools
    store: Store
    book: Book
    access: Access
    args: Mapping[str, int | str]
    wording: Wording
    commands: "Mapping[str, Command]"
    interval: timedelta  # between two rounds of a check that has no interval of its own
    page: int = 1  # of an answer's table
    of_admins: bool = False  # asked in their chat

    @property
    def shows_for(self) -> Role | None:
        """Whose buttons the answer has. The press is guarded anew, whoever makes it.

        A group reads one message, whoever drew it last: it has what managers may press at
        least, and the admin chat what admins may. A private chat has what its reader may press.
        """
        own = self.who.role
        if self.chat_id >= 0:
            return own
        least = Role.ADMIN if self.of_admins else Role.MANAGER
        return own if own is not None and own.rank > least.rank else least

    def offers(self, needed: Role) -> bool:
        """Whether the answer has buttons that need this role."""
        own = self.shows_for
        return own is not None and own.rank >= needed.rank

    def leads_to(self, asked: str) -> bool:
        """Whether the answer has the button that asks this; a runbook's own has no role."""
        command = self.commands.get(asked.partition(" ")[0])
        return command is None or command.permits(self.shows_for)

    def number(self, name: str) -> int:
        """Read an argument that `parse` saw to be a number."""
        return int(self.args[name])

    def word(self, name: str) -> str:
        return str(self.args[name])

    def day(self, name: str) -> date:
        """Read an argument that `parse` saw to be a day, as of today."""
        return date_of(self.args[name], self.moment.today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command that changes something, as one person typed it; `text` is how.

    `key` names the message: one that comes again is the same order.
    """

    who: Person
    chat_id: int
    key: str
    now: datetime
    text: str
    args: Mapping[str, int | str]
    book: Book
    wording: Wording
    usage: str
    topic_id: int | None = None

    def number(self, name: str) -> int:
        return int(self.args[name])

    def word(self, name: str) -> str:
        return str(self.args[name])

    def day(self, name: str) -> date:
        """Read an argument that `parse` saw to be a day, as of the order."""
        return date_of(self.args[name], self.now.astimezone(self.book.policy.zone).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A `/command`: shown in Telegram's menu, documented in `docs/commands.md`.

    `about` is its line in the menu and in /help (English; a gettext message). `stranger` marks
    the few that people without a role may use; `listed` is false for those that buttons ask.
    `read` raises `Unreadable` with a phrase. `act` changes something, in the transaction it is
    given, and returns the page that says so or the sentence that refuses (None: a message of the
    courier's says it); a command that has it acts when typed, and its `read` is for buttons, and
    for arguments with which it only `looks`. `proposes` says which action is asked for with
    which arguments; that action's own guard and role hold.
    `runbooks` are the numbers of those it belongs to, for /ask. `table` reads its whole result
    anew, for /export and the buttons CSV and XLSX. `needs` are the tables and columns it reads.
    `apart`: its answer is a message of its own, and never takes the place of the one it was asked
    from.
    """

    name: str
    about: str
    read: Callable[[Asking], Awaitable[Page]] | None = None
    act: Callable[[Tx, Order], Page | Phrase | None] | None = None
    looks: Callable[[Mapping[str, int | str]], bool] = lambda _args: False
    proposes: Callable[[Mapping[str, int | str]], tuple[str, Mapping[str, int | str]]] | None = (
        None
    )
    params: Sequence[Param] = ()
    role: Role = Role.VIEWER
    stranger: bool = False
    listed: bool = True
    place: int = 100  # in the menu
    runbooks: Sequence[int] = ()
    table: Callable[[Asking], Awaitable[Sequence[Row]]] | None = None
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    apart: bool = False

    def permits(self, role: Role | None) -> bool:
        return self.stranger or (role is not None and role.rank >= self.role.rank)

    @property
    def changes(self) -> bool:
        """Whether typing it changes something, or asks for a change."""
        return self.act is not None or self.proposes is not None

    def changes_with(self, args: Mapping[str, int | str]) -> bool:
        """The same, with these arguments."""
        return self.changes and not self.looks(args)

    @property
    def usage(self) -> str:
        return usage(self.name, self.params)


def typed(action: Remediation) -> Command | None:
    """The command that proposes an action, where it has one."""
    if action.command is None:
        return None
    return Command(
        name=action.command,
        about=action.about,
        proposes=lambda args: (action.name, args),
        params=action.params,
        role=action.role,
        place=action.place,
    )
