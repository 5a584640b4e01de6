"""A room with one action in it, and everybody who may want it: for the tests of the guards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.core import sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.job import Job
from bot.core.keyboard import Keys, of_run
from bot.core.model import Facts, Person, Phrase
from bot.core.params import Param
from bot.core.policy import Policy
from bot.core.press import Press, Said
from bot.core.records import Post, PostKind, PostState, Run
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.runner import Runner
from bot.core.tools import ActionTools
from bot.core.verbs import Verb
from bot.core.watch import Watch
from bot.core.wish import Wish
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import ADMINS, TEAM, Clock

ANN, OLGA = Person(id=7, name="Ann"), Person(id=10, name="Olga")  # admins
BORIS = Person(id=8, name="Boris")  # manager
VERA = Person(id=9, name="Vera")  # viewer
SAM = Person(id=666, name="Sam")  # nobody
NAME = "remediate_paint"


@dataclass(kw_only=True)
class Shed:
    """What the action does, and what was done."""

    done: list[Job] = field(default_factory=list)
    looks: list[Job] = field(default_factory=list)
    preflight: Facts | Refused = field(default_factory=lambda: {"coats": 1})
    during: Callable[[Job], Awaitable[Facts]] | None = None


@dataclass(kw_only=True)
class Room:
    store: SqlStore
    clock: Clock
    policy: Policy
    shed: Shed = field(default_factory=Shed)
    presses: int = 0
    action: Remediation = field(init=False)
    more: list[Remediation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.action = Remediation(
            name=NAME,
            label="Paint",
            target=lambda args: f"wall {args['wall']}",
            preflight=self._preflight,
            act=self._act,
            params=[Param(name="wall", words=("north", "south"))],
            command="paint",
            about="Paint a wall",
        )
        self.live()

    def live(self, *more: Remediation, **changes: object) -> None:
        """Begin anew on the same tables, as a restart does, with an action changed like this."""
        self.action = replace(self.action, **changes)  # type: ignore[arg-type]  # a test's own
        self.more = [*more] or self.more
        tools = fakes.tools(fakes.World())
        book = Book(
            runbooks={},
            remediations={one.name: one for one in (self.action, *self.more)},
            policy=self.policy,
            sight=sight.runbook(self.store),
        )
        watch = Watch(
            store=self.store, tools=tools, book=book, clock=self.clock, wake=lambda: None
        )
        self.book = book
        self.runner = Runner(
            store=self.store,
            book=book,
            tools=tools,
            watch=watch,
            clock=self.clock,
            wake=lambda: None,
        )
        access = Access(
            admins={ANN.id, OLGA.id},
            managers={BORIS.id},
            viewers={VERA.id},
            chats={TEAM.chat, ADMINS.chat},
        )
        self.access = access
        self.desk = Desk(
            store=self.store, book=book, access=access, clock=self.clock, wake=lambda: None
        )

    async def _preflight(self, _tools: ActionTools, job: Job) -> Facts | Refused:
        self.shed.looks.append(job)
        return self.shed.preflight

    async def _act(self, _tools: ActionTools, job: Job) -> Facts:
        self.shed.done.append(job)
        return await self.shed.during(job) if self.shed.during else {"painted": True}

    # What people do

    async def propose(
        self, who: Person = ANN, wall: str = "north", *, chat: int = TEAM.chat, typed: bool = True
    ) -> Run | str:
        self.presses += 1
        args = {"wall": wall}
        wish = Wish(action=NAME, key=f"w{self.presses}", args=args, chat_id=chat, typed=typed)
        outcome = await self.desk.propose(who, wish)
        await self.work()
        return outcome.key if isinstance(outcome, Phrase) else outcome

    async def tap(  # noqa: PLR0913  # a tap is all of these
        self,
        verb: Verb,
        who: Person = ANN,
        run_id: int = 1,
        *,
        chat: int = TEAM.chat,
        in_chat: int | None = None,
        arg: str | None = None,
    ) -> str:
        """Press a button of a run's message in `chat`, from `in_chat` where it is not the same."""
        post = await self.shown(run_id, chat)
        token = await self.token(post, verb, str(run_id) if arg is None else arg)
        return await self.press(post, token, who, in_chat or chat)

    async def press(self, post: Post, token: str, who: Person, chat: int) -> str:
        self.presses += 1
        press = Press(
            id=f"q{self.presses}",
            who=who,
            chat_id=chat,
            message_id=post.message_id or 0,
            topic_id=None,
            token=token,
        )
        answer = await self.desk.press(press)
        assert isinstance(answer, Said)
        return answer.text.key

    async def token(self, post: Post, verb: Verb, arg: str) -> str:
        until = self.clock() + timedelta(days=2)
        return await self.store.write(
            lambda tx: tx.buttons.issue(post.id, verb, arg, expires_at=until)
        )

    async def shown(self, run_id: int, chat: int = TEAM.chat) -> Post:
        """The run's message in this chat, which Telegram has taken."""
        posts = await self.posts(run_id)
        post = next(one for one in posts if one.chat_id == chat)
        known = replace(post, state=PostState.SHOWN, message_id=1000 + post.id)
        await self.store.write(lambda tx: tx.posts.save(known))
        return known

    async def answer(self, chat: int = TEAM.chat) -> Post:
        """A page with buttons, as a question's answer."""
        post = Post(
            id=0,
            kind=PostKind.ANSWER,
            chat_id=chat,
            message_id=500 + self.presses,
            state=PostState.SHOWN,
            shown=1,
            created_at=self.clock(),
        )
        made = await self.store.write(lambda tx: tx.posts.add(post))
        assert made is not None
        return made

    async def work(self) -> None:
        for run in await self.runner.pending():
            await self.runner.handle(run)

    # What is seen

    async def posts(self, run_id: int) -> list[Post]:
        posts = await self.store.read(lambda tx: list(tx.posts.of_run(run_id)))
        return [post for post in posts if post.kind is PostKind.RUN]

    async def run(self, run_id: int = 1) -> Run:
        run = await self.store.read(lambda tx: tx.runs.get(run_id))
        assert run is not None
        return run

    async def keys(self, run_id: int = 1) -> list[str]:
        run = await self.run(run_id)
        following = await self.store.read(lambda tx: tx.runs.following(run_id))
        keys: Keys = of_run(run, self.book.remediations[run.action], following)
        return [key.label for row in keys for key in row]

    async def audited(self, *verdicts: str) -> int:
        since = self.clock() - timedelta(days=1)
        return await self.store.read(lambda tx: tx.audit.count(since=since, verdicts=verdicts))


GUARDS = [Guard.NONE, Guard.CONFIRM, Guard.TWO_PEOPLE]
