"""What a query needs and the database does not have, by name; pure."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.core.model import Json, Unreadable, phrase

TENANT = "org_id"  # SoVAni's later releases keep several sellers in one database


@dataclass(frozen=True, slots=True)
class Broken:
    """A view that is there but cannot be used, and the database's words on why."""

    detail: str


Columns = AbstractSet[str] | Broken


def judge(needs: Mapping[str, Sequence[str]], found: Mapping[str, Columns]) -> None:
    """Compare needed names with found ones, both in lower case in `found`.

    Raises `Unreadable` that names all that is missing, or that the figures of several
    tenants would be mixed up.
    """
    missing: list[Json] = []
    broken: list[Json] = []
    for name, columns in needs.items():
        match found.get(name.lower()):
            case None:
                missing.append({"name": name, "columns": []})
            case Broken(detail):
                broken.append({"name": name, "detail": detail})
            case present:
                if lacking := [column for column in columns if column.lower() not in present]:
                    missing.append({"name": name, "columns": lacking})
    if missing or broken:
        raise Unreadable(phrase("shop_missing", missing=missing, broken=broken))
    if tenants := [name for name in needs if _has_tenants(found[name.lower()])]:
        raise Unreadable(phrase("shop_several_tenants", tables=tenants, column=TENANT))


def _has_tenants(columns: Columns) -> bool:
    return not isinstance(columns, Broken) and TENANT in columns


def missing_table(name: str) -> Unreadable:
    return Unreadable(phrase("shop_missing", missing=[{"name": name, "columns": []}], broken=[]))


def missing_column(name: str) -> Unreadable:
    return Unreadable(phrase("shop_missing_column", column=name))


def broken_view(name: str, detail: str) -> Unreadable:
    return Unreadable(
        phrase("shop_missing", missing=[], broken=[{"name": name, "detail": detail}])
    )
