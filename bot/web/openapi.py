"""The OpenAPI 3.1 document, made of the declarations that serve."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.core.grants import Grant
from bot.web.endpoint import AnyEndpoint, Nothing
from bot.web.problems import MEDIA, Problem

REF = "#/components/schemas/{model}"
Json = dict[str, Any]
Mode = Literal["validation", "serialization"]
ABOUT = (
    "What the chat can do, for programs. Every action goes through the same rules and into the "
    "same audit log as a tap in the chat."
)
EVERYWHERE = {
    HTTPStatus.TOO_MANY_REQUESTS: "Too often; `Retry-After` says when to come again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke on our side.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much is under way, or the shop cannot be read.",
    HTTPStatus.GATEWAY_TIMEOUT: "It took too long and was given up.",
}
LOCKED = {
    HTTPStatus.UNAUTHORIZED: "No token, or one that is not known.",
    HTTPStatus.FORBIDDEN: "The token's role does not cover this.",
}
WRONG = {HTTPStatus.UNPROCESSABLE_ENTITY: "A value does not fit; `errors` says which."}
SENT = {
    HTTPStatus.BAD_REQUEST: "The body cannot be read.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is compressed.",
}


def document(endpoints: Sequence[AnyEndpoint], version: str) -> Json:
    schemas, refs = _schemas(endpoints)
    paths: dict[str, Json] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SoVAni Ops", "version": version, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in dict.fromkeys(one.group for one in endpoints)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(endpoints: Iterable[AnyEndpoint]) -> tuple[Json, Mapping[tuple[Any, Mode], Json]]:
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(Problem, "serialization"): None}
    for one in endpoints:
        if not isinstance(one.answer, str):
            wanted[one.answer, "serialization"] = None
        if one.body is not Nothing:
            wanted[one.body, "validation"] = None
    refs, schema = models_json_schema(list(wanted), ref_template=REF)
    return schema.get("$defs", {}), refs


def _operation(one: AnyEndpoint, refs: Mapping[tuple[Any, Mode], Json]) -> Json:
    parameters = [*_parameters(one.params, "path"), *_parameters(one.query, "query")]
    if one.method == "POST":
        parameters.append(_idempotency_key())
    operation: Json = {
        "operationId": one.name,
        "tags": [one.group],
        "summary": one.about,
        "parameters": parameters,
        "responses": _responses(one, refs),
        "security": _security(one),
    }
    if one.has_body:
        schema: Json = {} if one.raw and one.body is Nothing else refs[one.body, "validation"]
        content: Json = {"schema": schema}
        if one.example is not None:
            content["example"] = one.example
        operation["requestBody"] = {
            "required": one.raw or bool(one.body.model_json_schema().get("required")),
            "content": {"application/json": content},
        }
    if one.needs is not None:
        operation["x-role"] = one.needs.value
    return operation


def _security(one: AnyEndpoint) -> list[Json]:
    if one.needs is None:
        return []
    return [{"token": []}, {}] if one.local else [{"token": []}]


def _responses(one: AnyEndpoint, refs: Mapping[tuple[Any, Mode], Json]) -> Json:
    content: Json
    if isinstance(one.answer, str):
        kind = "object" if one.answer == "application/json" else "string"
        content = {one.answer.partition(";")[0]: {"schema": {"type": kind}}}
    else:
        content = {"application/json": {"schema": refs[one.answer, "serialization"]}}
    good: dict[HTTPStatus, str] = {one.status: "Done.", **one.also}
    locked: Mapping[HTTPStatus, str] = LOCKED if one.needs is not None else {}
    bad: Mapping[HTTPStatus, str] = {**EVERYWHERE, **WRONG, **SENT, **locked, **one.refusals}
    answers: dict[str, Json] = {
        str(status.value): {"description": text, "content": content}
        for status, text in good.items()
    }
    for status, text in bad.items():
        answer = answers.setdefault(str(status.value), {"description": text, "content": {}})
        answer["content"] = {**answer["content"], MEDIA: {"schema": _ref(refs)}}
    return dict(sorted(answers.items()))


def _ref(refs: Mapping[tuple[Any, Mode], Json]) -> Json:
    return refs[Problem, "serialization"]


def _parameters(model: type[BaseModel], where: str) -> list[Json]:
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    return [_parameter(name, where, one, needed) for name, one in _properties(schema)]


def _properties(schema: Json) -> Iterable[tuple[str, Json]]:
    """The parameters, with what they refer to put in its place: they are small."""
    for name, one in schema.get("properties", {}).items():
        yield name, _inlined(one, schema.get("$defs", {}))


def _inlined(node: Any, known: Json) -> Any:  # noqa: ANN401  # any piece of JSON
    if isinstance(node, dict):
        if "$ref" in node:
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return {**_inlined(known[node["$ref"].rpartition("/")[2]], known), **rest}
        return {key: _inlined(value, known) for key, value in node.items()}
    return [_inlined(one, known) for one in node] if isinstance(node, list) else node


def _parameter(name: str, where: str, schema: Json, needed: Sequence[str]) -> Json:
    about = schema.pop("description", "")
    required = where == "path" or name in needed
    return {
        "name": name,
        "in": where,
        "required": required,
        "description": about,
        "schema": schema,
    }


def _idempotency_key() -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same key is the same decision, however often it is sent.",
        "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,100}$"},
    }


def roles() -> list[str]:
    return [one.value for one in Grant]
