"""Arguments of every command, question and action: read, or refused with the right usage."""

from bot import questions, remediations
from bot.core.params import Taker, WrongArguments, parse, spoken
from fuzz._grown import Bytes

ACTIONS = remediations.load()
TAKERS: tuple[Taker, ...] = (*questions.load(ACTIONS).values(), *ACTIONS.values())
WORDS = (
    *("", "-", "#12", "12", "0", "-1", "999999999999999", "2026-02-30", "2026-11-25", "today"),
    *("yesterday", "WB", "ozon", "all", "error", "²", "١٢", "a" * 100, "toys", "30%", "1h", "#"),
)
EXAMPLES = ("30 WB", "2026-11-01 2026-11-07", "- ingest", "bot error 5m", "#12 4h why not", "")
SEEDS = tuple(
    bytes([number, 0]) + example.encode()
    for number in range(len(TAKERS))
    for example in EXAMPLES[number % 3 :: 3]
)


def one(data: bytes) -> None:
    source = Bytes(data)
    taker = TAKERS[source.next() % len(TAKERS)]
    if source.next() & 1:
        words = [WORDS[number % len(WORDS)] for number in source.rest[:8]]
        text = " ".join(words)
    else:
        text = source.rest.decode("utf-8", "replace")
    try:
        args = parse(taker, text.split())
    except WrongArguments as wrong:
        assert wrong.why.key.startswith("usage_")
        return
    assert args.keys() == {param.name for param in taker.params}
    said = spoken(taker, args)  # what a button of the answer carries
    assert parse(taker, said.split()) == args, f"{taker.usage}: {said!r}"
