"""Messages about many alerts: storms, digests, and what is said under a storm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core import storm
from bot.core.book import Book
from bot.core.keyboard import Keys
from bot.core.model import Alert
from bot.core.ports import Tx
from bot.core.records import Post, PostKind
from bot.core.storm import Summary
from bot.edges.templates import Templates

MOST_COUNTS = 12  # lines of counts; what is beyond them is one number


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowds:
    templates: Templates
    book: Book
    line: Callable[[Alert], str]  # an alert's headline as HTML

    def storm(self, tx: Tx, post: Post) -> tuple[str, Keys]:
        summary = storm.of_storm(tx, post.id)
        text = self.templates.render("storm.html.j2", **self._values(summary))
        return text, storm.keys(summary)

    def digest(self, tx: Tx, post: Post) -> str:
        summary = storm.of_digest(tx, post.id)
        return self.templates.render(
            "digest.html.j2",
            **self._values(summary),
            since=post.context["since"],
            until=post.created_at,
        )

    @staticmethod
    def above(tx: Tx, notice: Post) -> Summary | None:
        """The storm that a notice is a reply to."""
        card = tx.posts.get(notice.reply_to) if notice.reply_to is not None else None
        if card is None or card.kind is not PostKind.STORM:
            return None
        return storm.of_storm(tx, card.id)

    def _values(self, summary: Summary) -> dict[str, object]:
        shown = summary.counts[:MOST_COUNTS]
        return {
            "summary": summary,
            "lines": [{"alert": one, "text": self.line(one)} for one in summary.named],
            "counts": [
                {
                    "severity": one.severity,
                    "count": one.count,
                    "title": self.book.runbook(one.check).title,
                }
                for one in shown
            ],
            "more": _more(summary.counts[MOST_COUNTS:]),
        }


def _more(counts: Sequence[storm.Count]) -> int:
    return sum(one.count for one in counts)
