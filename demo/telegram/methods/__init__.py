"""The methods of the Bot API, each a function of the state and the parameters of one call."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from demo.telegram.methods import chats, commands, editing, sending, service
from demo.telegram.params import Params
from demo.telegram.state import State

Method = Callable[[State, Params], object]
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        name.lower(): method
        for module in (chats, commands, editing, sending, service)
        for name, method in module.METHODS.items()
    }
)
