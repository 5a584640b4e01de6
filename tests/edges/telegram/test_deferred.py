"""aiogram's types are built when they are used: conftest.py has loaded them so."""

import subprocess
import sys
from typing import get_type_hints

import pytest
from aiogram import Bot, methods, types
from aiogram.methods import Response, SendInvoice, TelegramMethod
from aiogram.types import ChatFullInfo, LabeledPrice, StarTransactions
from aiogram.types.base import TelegramObject
from pydantic import BaseModel, ValidationError

EVERY = [
    one
    for module in (types, methods)
    for one in (getattr(module, name) for name in module.__all__)
    if isinstance(one, type) and issubclass(one, TelegramObject | TelegramMethod)
]


def test_every_type_knows_the_names_in_its_annotations() -> None:
    assert len(EVERY) > 400
    for one in EVERY:
        known = {**(one.__pydantic_parent_namespace__ or {}), "Bot": Bot}  # no field's, aiogram's
        get_type_hints(one, vars(sys.modules[one.__module__]), known)


def test_a_type_that_nobody_has_used_is_built_by_its_first_use() -> None:
    taken = StarTransactions.model_validate(
        {"transactions": [{"id": "a", "amount": 3, "date": 0}]}
    )
    assert taken.transactions[0].amount == 3
    with pytest.raises(ValidationError):
        StarTransactions.model_validate({"transactions": [{"id": "a"}]})


def test_so_is_a_request() -> None:
    prices = [{"label": "a", "amount": 5}]
    invoice = SendInvoice.model_validate(
        {"chat_id": 1, "title": "t", "description": "d", "payload": "p", "currency": "XTR"}
        | {"prices": prices}
    )
    assert invoice.prices == [LabeledPrice(label="a", amount=5)]


def test_so_is_an_answer_of_such_a_type() -> None:
    bot = Bot("1:a")
    kinds = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels"
    chat = {
        "id": 1,
        "type": "private",
        "accent_color_id": 0,
        "max_reaction_count": 1,
        "accepted_gift_types": dict.fromkeys(kinds.split(), True),
    }
    answer = Response[ChatFullInfo].model_validate(
        {"ok": True, "result": chat}, context={"bot": bot}
    )
    assert answer.result is not None
    assert answer.result.bot is bot


# In a process of its own: in this one, what was there before the first test is never searched.
USUAL_ANSWERS = """
import gc, weakref
from bot.edges.telegram.deferred import import_aiogram
import_aiogram()
from aiogram.methods import Response
from aiogram.types import Message, Update
def made():
    kinds = Message, Message | bool, bool, list[Update]
    return [weakref.ref(Response[kind]) for kind in kinds]
before = made()
gc.collect()
print([type_() is not None for type_ in before])
"""


def test_the_types_of_usual_answers_outlive_a_search_for_garbage() -> None:
    done = subprocess.run([sys.executable, "-c", USUAL_ANSWERS], capture_output=True, check=True)
    assert done.stdout.decode().strip() == str([True] * 4)


def test_types_of_our_own_are_built_as_ever() -> None:
    class Own(BaseModel):
        number: "Number"

    class Number(BaseModel):
        value: int

    assert Own.model_rebuild()
    assert Own.model_validate({"number": {"value": 1}}).number == Number(value=1)
