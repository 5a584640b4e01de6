"""What is documented is served, and what is served is documented."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot import web
from bot.core.grants import Grant
from bot.web.context import Context
from tests.web.conftest import Api

DOCUMENT = Path(__file__).resolve().parents[2].joinpath("docs/http-api.md").read_text("utf-8")
CALLS = re.findall(r"`(GET|POST|DELETE) (/[^`]*)`", DOCUMENT)
CURLS = [line for line in DOCUMENT.splitlines() if "curl" in line and "$U/" in line]


async def openapi(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/openapi.json", who=None)).json()
    return found


def test_the_document_has_every_endpoint_and_no_other(context: Context) -> None:
    served = {(one.method, one.path) for one in web.endpoints(context)}
    assert set(CALLS) == served


def test_every_path_has_a_curl_line(context: Context) -> None:
    for path in {one.path for one in web.endpoints(context)}:
        shape = re.sub(r"\\{\w+\\}", r"[\\w-]+", re.escape(path))
        assert [one for one in CURLS if re.search(rf"\$U{shape}[\s\"?]|\$U{shape}$", one)], path


async def test_the_openapi_document_has_every_route_and_no_other(
    api: Api, context: Context
) -> None:
    document = await openapi(api)
    assert document["openapi"] == "3.1.0"
    documented = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert documented == {(one.method, one.path) for one in web.endpoints(context)}


async def test_every_documented_route_is_served(api: Api) -> None:
    for path, methods in (await openapi(api))["paths"].items():
        for method, operation in methods.items():
            url = re.sub(r"\{\w+\}", "1", path)
            answer = await api.call(method.upper(), url, "admin", content=b"{")
            documented = operation["responses"].keys()
            assert str(answer.status_code) in documented, (method, path, answer.text)
            media = answer.headers["content-type"].partition(";")[0]
            assert media in operation["responses"][str(answer.status_code)]["content"]
            api.ticks.now += 1


async def test_roles_are_documented_as_they_are_kept(api: Api) -> None:
    for path, methods in (await openapi(api))["paths"].items():
        for method, operation in methods.items():
            api.ticks.now += 1
            url = re.sub(r"\{\w+\}", "1", path)
            answer = await api.call(method.upper(), url, None, content=b"{")
            is_open = {} in operation["security"] or not operation["security"]
            assert (answer.status_code == 401) is not is_open, (method, path)
            if (needed := operation.get("x-role")) is None:
                continue
            for grant in Grant:
                if not grant.covers(Grant(needed)):
                    refused = await api.call(method.upper(), url, grant.value, content=b"{")
                    assert refused.status_code == 403, (method, path, grant)


async def test_every_reference_leads_somewhere(api: Api) -> None:
    document = await openapi(api)
    names = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert names <= document["components"]["schemas"].keys()
    assert {"Problem", "AlertRow", "GenericAlert"} <= names


async def test_the_page_shows_all_of_it_without_anything_from_elsewhere(api: Api) -> None:
    page = await api.get("/docs", who=None)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for path in (await openapi(api))["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert [
        one
        for one in ("<script", "http://", "https://", "@import")
        if one in page.text.split("</style>")[0]
    ] == []
    assert "<script" not in page.text


@pytest.mark.parametrize("word", ["body", "errors", "limit"])
async def test_shapes_are_named(api: Api, word: str) -> None:
    assert word in (await api.get("/docs")).text


async def test_a_body_without_which_nothing_goes_is_documented_as_needed(api: Api) -> None:
    paths = (await openapi(api))["paths"]
    assert paths["/api/v1/ops/alerts/{id}/note"]["post"]["requestBody"]["required"]
    assert paths["/webhook/generic"]["post"]["requestBody"]["required"]
    assert not paths["/api/v1/ops/alerts/{id}/silence"]["post"]["requestBody"]["required"]
