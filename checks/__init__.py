"""One runbook a file. Adding a file adds a check; no list needs an edit."""

from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pkgutil import iter_modules

from bot.core.runbook import Runbook
from bot.core.shared import Shared


def load(
    settings: Mapping[str, Mapping[str, object]], shared: Shared | None = None
) -> dict[str, Runbook]:
    """Build every runbook in this folder, keyed by its name and ordered by its number.

    `settings` are those of `CHECKS__<NAME>__<FIELD>`, keyed by the file's name. A stranger
    among them raises `LookupError`, a wrong value pydantic's `ValidationError`, whose title
    is the `CHECKS__<NAME>` it belongs to.
    """
    names = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
    if strangers := sorted(settings.keys() - names):
        raise LookupError(f"settings for checks that do not exist: {', '.join(strangers)}")
    targets = asdict(shared or Shared())
    runbooks = [_build(name, settings.get(name, {}), targets) for name in names]
    return {runbook.name: runbook for runbook in sorted(runbooks, key=lambda book: book.number)}


def _build(name: str, settings: Mapping[str, object], targets: Mapping[str, object]) -> Runbook:
    module = import_module(f"{__name__}.{name}")
    fields = module.Config.model_fields
    inherited = {field: value for field, value in targets.items() if field in fields}
    runbook: Runbook = module.runbook(module.Config.model_validate({**inherited, **settings}))
    return runbook
