"""A step's message and its reminders, through a courier and a Telegram over HTTP."""

from dataclasses import replace
from datetime import timedelta

from bot.core import desk_todo, reach, todo_reminders
from bot.core.desk_todo import Wanted
from bot.core.model import Person, Severity, fires, ok
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import PostState, Silence
from bot.core.todo import Item
from bot.core.todo_changes import ITEM_VERBS
from bot.core.verbs import Verb
from demo.telegram import ADMINS, SHOP_TEAM
from demo.telegram import ANN as ANN_ID
from tests import fakes
from tests.conftest import NOON, Clock
from tests.edges.telegram.office import Office

ANN = Person(id=ANN_ID, name="Ann <admin>")
SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WELL = ok("shop database", **fakes.SLIM)
EVERYTHING = Silence(
    id=0,
    check=None,
    subject=None,
    severity=Severity.CRITICAL,
    by_name="Ann",
    why="",
    created_at=NOON,
    until=NOON + timedelta(hours=9),
    maintenance=True,
)


async def add(office: Office, **values: object) -> None:
    now = office.clock()
    wanted = Wanted(key="1", text="order <a disk>", due_at=now + timedelta(hours=2), **values)  # type: ignore[arg-type]  # a test's own

    def work(tx: Tx) -> None:
        hand = Hand(tx, office.book, ANN, now)
        alert = tx.alerts.get(1)
        desk_todo.add(hand, replace(wanted, alert=alert))

    await office.store.write(work)


async def does(office: Office, verb: Verb) -> None:
    now = office.clock()

    def work(tx: Tx) -> None:
        item = tx.todos.get(1)
        assert item is not None
        said = ITEM_VERBS[verb](Hand(tx, office.book, ANN, now), item, item.moves)
        assert not said.loud

    await office.store.write(work)


async def rings(office: Office) -> None:
    now = office.clock()
    policy = office.book.policy
    await office.store.write(lambda tx: todo_reminders.remind(tx, policy, now))
    await office.deliver()


def labels(message: object) -> list[str]:
    assert isinstance(message, dict)
    return [button["text"] for row in message["buttons"] for button in row]


async def test_its_message_follows_it_and_a_reminder_calls_its_owner(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    [message] = await office.chat()
    assert message["text"].splitlines()[0] == "📋 order <a disk>"
    assert "⏳ Due 23 Nov 17:00\n👤 Nobody has taken it yet" in message["text"]
    assert labels(message) == ["Take", "Done", "+1 day", "Not needed"]
    await does(office, Verb.TAKE)
    await office.deliver()
    [message] = await office.chat()
    assert "👤 Ann <admin>" in message["text"]
    assert labels(message)[0] == "Give back"

    clock.forward(hours=2)
    await rings(office)
    message, reminder = await office.chat()
    assert reminder["text"].splitlines()[0] == "⏰ Due now: order <a disk>"
    assert reminder["reply_to"]["message_id"] == message["message_id"]
    assert f"tg://user?id={ANN_ID}" in reminder["html"]
    assert labels(reminder) == ["Give back", "Done", "+1 day", "Not needed"]

    await does(office, Verb.DONE)
    await office.deliver()
    for one in await office.chat():
        assert one["text"].startswith("✅ Done by Ann <admin>, 23 Nov 17:00")
        assert labels(one) == ["Open again"]


async def test_a_step_outlives_its_alert_and_its_reminder_says_so(
    office: Office, clock: Clock
) -> None:
    await office.sees(SICK)
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    card, message = await office.chat()
    assert "📋 Checklist: 0 of 1 done, see /todo" in card["text"]
    assert "🔔 #1 The database is 5.6" in message["text"]
    await office.sees(WELL)
    await office.deliver()
    assert "this step is still open" in (await office.chat())[1]["text"]
    clock.forward(hours=2)
    await rings(office)
    card, _, reminder = await office.chat()
    assert "📋 Checklist: 1 still open, see /todo" in card["text"]
    assert "✅ #1 is over since 23 Nov 15:00; this step is still open" in reminder["text"]
    await does(office, Verb.DONE)
    await office.deliver()
    card, _, reminder = await office.chat()
    assert "📋 Checklist: 1 done" in card["text"]


async def test_a_message_that_somebody_put_away_does_not_come_back(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    clock.forward(hours=2)
    await rings(office)
    _, reminder = await office.chat()
    await office.phone.delete(ANN_ID, reminder)
    await does(office, Verb.DONE)
    await office.deliver()
    [message] = await office.chat()
    assert message["text"].startswith("✅ Done by")


async def test_a_reminder_that_waited_until_nothing_may_ring_comes_silently(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    clock.forward(hours=2)
    now, policy = clock(), office.book.policy
    await office.store.write(lambda tx: todo_reminders.remind(tx, policy, now))
    await office.store.write(lambda tx: tx.silences.add(EVERYTHING))
    await office.deliver()
    _, reminder = await office.chat()
    assert "Due now" in reminder["text"]
    assert reminder["silent"]


async def test_a_reminder_that_waited_until_it_was_done_is_not_sent(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    await office.phone.outage(on=True)
    clock.forward(hours=2)
    await rings(office)
    await does(office, Verb.DONE)
    await office.phone.outage(on=False)
    clock.forward(minutes=5)
    await office.deliver()
    [message] = await office.chat()
    assert message["text"].startswith("✅ Done by")


async def test_a_reminder_that_waited_while_its_time_was_changed_is_not_sent_beside_the_next(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    await office.phone.outage(on=True)
    clock.forward(hours=2)
    await rings(office)
    await does(office, Verb.LATER)
    clock.forward(days=1)
    now, policy = clock(), office.book.policy
    await office.store.write(lambda tx: todo_reminders.remind(tx, policy, now))
    await office.phone.outage(on=False)
    await office.deliver()
    texts = [str(one["text"]) for one in await office.chat()]
    assert sum("Due now: order <a disk>" in text for text in texts) == 1


async def test_a_reminder_cut_off_by_a_crash_arrives_once(office: Office, clock: Clock) -> None:
    """Killed between the planning and the sending, and once more during the sending."""
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    clock.forward(hours=2)
    now, policy = clock(), office.book.policy
    await office.store.write(lambda tx: todo_reminders.remind(tx, policy, now))
    posts = await office.store.read(lambda tx: tx.posts.of_item(1))
    await office.store.write(lambda tx: tx.posts.save(replace(posts[1], state=PostState.SENDING)))
    await office.courier.recover()  # the start after it
    await rings(office)
    await rings(office)
    _, reminder = await office.chat()
    assert "sent again" in reminder["text"]
    clock.forward(hours=1)
    await rings(office)
    assert len(await office.chat()) == 2


async def test_a_chat_that_kicked_us_loses_no_reminder(office: Office, clock: Clock) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    await office.phone.kick(SHOP_TEAM, ANN_ID)
    clock.forward(hours=2)
    await rings(office)
    texts = [str(one["text"]) for one in await office.chat(ADMINS)]
    assert sum("Due now: order <a disk>" in text for text in texts) == 1


async def test_a_chat_that_is_back_shows_what_was_done_meanwhile(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    await office.phone.kick(SHOP_TEAM, ANN_ID)
    await does(office, Verb.DONE)
    await office.deliver()
    await office.phone.set_bot(SHOP_TEAM, ANN_ID, "member")
    now, policy = clock(), office.book.policy
    await office.store.write(lambda tx: reach.mended(tx, policy, SHOP_TEAM, now))
    await office.deliver()
    [message] = await office.chat()
    assert message["text"].startswith("✅ Done by")


async def test_a_chat_that_became_a_supergroup_is_reminded_there(
    office: Office, clock: Clock
) -> None:
    await add(office, chat_id=SHOP_TEAM)
    await office.deliver()
    new = await office.phone.migrate(SHOP_TEAM, ANN_ID)
    clock.forward(hours=2)
    await rings(office)
    [reminder] = await office.chat(new)
    assert "Due now" in reminder["text"]
    item = await office.store.read(lambda tx: tx.todos.get(1))
    assert isinstance(item, Item)
    assert item.reminders == 1
