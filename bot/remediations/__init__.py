"""Actions that repair. One module is one remediation; adding a file adds it."""

from importlib import import_module
from pkgutil import iter_modules

from bot.core.runbook import Remediation


def load() -> dict[str, Remediation]:
    """Build every remediation in this folder, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: _build(name) for name in names if name.startswith("remediate_")}


def _build(name: str) -> Remediation:
    remediation: Remediation = import_module(f"{__name__}.{name}").remediation()
    if remediation.name != name:
        raise LookupError(f"{name}.py calls its remediation {remediation.name}")
    return remediation
