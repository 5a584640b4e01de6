"""Telegram's limits are kept before Telegram has to say so."""

from bot.edges.telegram.limits import Pace

GROUP, OTHER, PERSON = -1001, -1002, 7


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def spent(pace: Pace, clock: Seconds, chat: int, seconds: float) -> int:
    """How many requests fit into so long, each as early as it is allowed."""
    until, count = clock.now + seconds, 0
    while clock.now < until:
        if (pause := pace.wait(chat)) > 0:
            clock.now += pause
            continue
        pace.spend(chat)
        count += 1
    return count


def test_a_person_gets_one_a_second_and_a_short_burst() -> None:
    clock = Seconds()
    pace = Pace(clock)
    assert spent(pace, clock, PERSON, 0.5) == 3
    assert spent(pace, clock, PERSON, 60) <= 61


def test_a_group_gets_eighteen_a_minute() -> None:
    clock = Seconds()
    assert spent(Pace(clock), clock, GROUP, 60) == 18


def test_who_waits_for_an_answer_may_use_what_is_spared() -> None:
    clock = Seconds()
    pace = Pace(clock)
    spent(pace, clock, GROUP, 50)
    clock.now = 50.0
    assert pace.wait(GROUP) > 0
    assert pace.wait(GROUP, urgent=True) == 0


def test_one_refusal_holds_its_chat_and_two_hold_all() -> None:
    clock = Seconds()
    pace = Pace(clock)
    pace.refused(9, GROUP)
    assert pace.wait(GROUP) == 9
    assert pace.wait(PERSON) == 0
    pace.refused(5, OTHER)
    assert pace.wait(PERSON) == 5


def test_refusals_with_an_answer_in_between_are_about_their_chats() -> None:
    clock = Seconds()
    pace = Pace(clock)
    pace.refused(9, GROUP)
    pace.answered()
    pace.refused(9, OTHER)
    assert pace.wait(PERSON) == 0
