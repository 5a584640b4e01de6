"""The checklist, kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.core.todo import Item, ItemState
from bot.edges.store import hot
from bot.edges.store.rows import RowLike
from bot.edges.store.schema import todos

OPEN = todos.c.state == ItemState.OPEN


@dataclass(frozen=True, slots=True)
class SqlTodos:
    connection: Connection

    def add(self, item: Item, *, key: str) -> Item | None:
        values = {**_values(item), "key": key}
        statement = insert(todos).values(values).on_conflict_do_nothing().returning(todos.c.id)
        item_id = self.connection.execute(statement).scalar_one_or_none()
        return None if item_id is None else replace(item, id=item_id)

    def get(self, item_id: int) -> Item | None:
        return self._one(select(todos).where(todos.c.id == item_id))

    def by_key(self, key: str) -> Item | None:
        return self._one(select(todos).where(todos.c.key == key))

    def of_step(self, step: str, alert_id: int | None) -> Item | None:
        query = select(todos).where(todos.c.step == step)
        if alert_id is None:
            return self._one(query.where(todos.c.alert_id.is_(None), OPEN))
        mine = todos.c.alert_id == alert_id
        return self._one(query.where(mine, todos.c.state != ItemState.DROPPED))

    def save(self, item: Item) -> None:
        self.connection.execute(update(todos).where(todos.c.id == item.id).values(_values(item)))

    def open(self) -> Sequence[Item]:
        return self._all(select(todos).where(OPEN).order_by(todos.c.due_at, todos.c.id))

    def of_alert(self, alert_id: int) -> Sequence[Item]:
        rows = hot.TODOS_OF_ALERT.rows(self.connection, alert=alert_id)
        return [_to_item(row) for row in rows]

    def due(self, now: datetime) -> Sequence[Item]:
        return [_to_item(row) for row in hot.TODOS_DUE.rows(self.connection, now=now)]

    def newest(self, limit: int, state: ItemState | None = None) -> Sequence[Item]:
        query = select(todos).order_by(todos.c.id.desc()).limit(limit)
        return self._all(query if state is None else query.where(todos.c.state == state))

    def _one(self, query: Select[Any]) -> Item | None:
        row = self.connection.execute(query).mappings().one_or_none()
        return _to_item(row) if row else None

    def _all(self, query: Select[Any]) -> Sequence[Item]:
        return [_to_item(row) for row in self.connection.execute(query).mappings()]


def _values(item: Item) -> dict[str, Any]:
    values = asdict(item)
    del values["id"]
    return values


def _to_item(row: RowLike) -> Item:
    values = {name: value for name, value in row.items() if name != "key"}
    return Item(**{**values, "state": ItemState(row["state"])})
