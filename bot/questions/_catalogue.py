"""What the product knows of the shop's tables: which columns somebody needs."""

from collections import defaultdict
from collections.abc import Mapping

from bot.core.question import Asking


def needed(asking: Asking) -> Mapping[str, Mapping[str, list[str]]]:
    """Table → column → who needs it: checks by their titles, questions by their names."""
    wants = [(one.title, one.needs) for one in asking.book.watched.values()]
    wants += [(f"/{one.name}", one.needs) for one in asking.commands.values()]
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for who, needs in wants:
        for table, columns in needs.items():
            for column in columns:
                found[table][column].append(who)
    return found
