"""Reading `config.yaml`: from its text to a `Config`, or to all its mistakes with their lines."""

import difflib
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from msgspec import Struct, field
from pydantic import BaseModel, ValidationError

from feedpub.config import Config
from feedpub.errors import ConfigError, RecordError, printable, quoted, unreadable
from feedpub.slugs import declared_slug, topic_slug
from feedpub.tree import Mapping, Node, Sequence, is_null, parse_yaml

_MAX_BYTES = 1024 * 1024

Location = tuple[int | str, ...]


class LoadedConfig(Struct, frozen=True, kw_only=True):
    """A configuration and the folder its relative paths start from."""

    config: Config
    folder: Path
    shown: str
    tree: Mapping = field(default_factory=Mapping)

    def path(self, text: str) -> Path:
        """Return a path of the configuration as one of the file system."""
        return self.folder / text

    def place(self, *location: int | str) -> str:
        """Return where something stands in the file, as messages begin."""
        return f"{self.shown}:{_line(self.tree, location)}: {dotted(location)}"


def load_config(location: Path, shown: str) -> LoadedConfig:
    """Read and check a configuration; raise `ConfigError` with every mistake in it."""
    try:
        data = location.read_bytes()
    except OSError as error:
        raise unreadable(error, shown) from error
    config, tree = _parsed(data, shown)
    return LoadedConfig(config=config, folder=location.resolve().parent, shown=shown, tree=tree)


def parse_config(data: bytes, shown: str) -> Config:
    """Return the configuration in a text, or raise `ConfigError` with every mistake in it."""
    return _parsed(data, shown)[0]


def _parsed(data: bytes, shown: str) -> tuple[Config, Mapping]:
    root = _root(data, shown)
    mistakes = [(_line(root, location), text) for location, text in _clashes(root)]
    config = None
    try:
        config = Config.model_validate(_plain(root))
    except ValidationError as error:
        mistakes += _mistakes(error, root)
    else:
        mistakes += [(_line(root, location), text) for location, text in _outside(config)]
    if config is None or mistakes:
        mistakes.sort(key=lambda mistake: mistake[0])
        raise ConfigError([f"{shown}:{line}: {text}" for line, text in mistakes])
    return config, root


def _outside(config: Config) -> Iterator[tuple[Location, str]]:
    """Yield the relative paths that lead out of the folder of the configuration, unless they may.

    A slip of a few dots must not publish what lies beside a site, or write there.
    """
    for location, path in () if config.allow_outside else config.paths():
        if posixpath.normpath(path).split("/")[0] == "..":
            where = "leads out of the folder of the configuration"
            hint = "write an absolute path, or allow_outside: true"
            yield location, f"{dotted(location)}: {quoted(path, 60)} {where} ({hint})"


def _clashes(root: Mapping) -> Iterator[tuple[Location, str]]:
    """Yield what two items of the configuration claim both, at the place of the second."""
    named = root.get("named")
    seen: set[str] = set()
    for name in named if isinstance(named, Mapping) else ():
        slug = declared_slug(name) or name
        if slug in seen:
            yield ("named", name), f"named: two feeds have the name {printable(slug)}"
        seen.add(slug)
    yield from _clashing_topics(root.get("topics"))


def _clashing_topics(items: Node | None) -> Iterator[tuple[Location, str]]:
    topics = [
        (number, item)
        for number, item in enumerate(items if isinstance(items, Sequence) else ())
        if isinstance(item, Mapping)
    ]
    slugs = [(number, _declared(item.get("slug"))) for number, item in topics]
    natural = {
        topic_slug(name)
        for _, item in topics
        if not _declared(item.get("slug")) and isinstance(name := item.get("name"), str)
    }
    seen: set[str] = set()
    for number, slug in slugs:
        place: Location = ("topics", number, "slug")
        if slug and slug in seen:
            yield place, f"topics: two topics have the slug {slug}"
        elif slug and slug in natural:
            yield place, f"topics: the slug {slug} is the folder of another topic"
        seen.add(slug or "")


def _declared(node: Node | None) -> str | None:
    return declared_slug(node) if isinstance(node, str) and not is_null(node) else None


def _root(data: bytes, shown: str) -> Mapping:
    if len(data) > _MAX_BYTES:
        raise ConfigError([f"{shown}: larger than {_MAX_BYTES} bytes"])
    try:
        documents = parse_yaml(data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise ConfigError([f"{shown}: not UTF-8"]) from None
    except RecordError as error:
        raise ConfigError([str(error.problem(shown))]) from None
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise ConfigError([f"{shown}:1: expected one list of `key: value`, starting with site:"])
    return documents[0]


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items() if not is_null(value)}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    return None if is_null(node) else str(node)


def _mistakes(error: ValidationError, root: Mapping) -> Iterator[tuple[int, str]]:
    for detail in error.errors(include_url=False):
        location = tuple(part for part in detail["loc"] if part != "[key]")
        yield _line(root, location), _sentence(detail, location)


def _line(root: Mapping, location: Location) -> int:
    """Return the line of the deepest part of a location that the file holds."""
    node: Node = root
    line = 1
    for part in location:
        if isinstance(node, Mapping) and part in node.lines:
            line = node.lines[str(part)]
            node = node[str(part)]
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node):
            line = node.lines[part]
            node = node[part]
        else:
            break
    return line


_EXPECTED = {
    "literal_error": "{expected}",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "string_type": "a text",
    "string_too_short": "a text",
    "string_pattern_mismatch": "authority,date",
    "too_short": "at least one",
    "model_type": "a list of `key: value`",
    "model_attributes_type": "a list of `key: value`",
    "dict_type": "a list of `key: value`",
    "tuple_type": "a list",
}


def _sentence(detail: Any, location: Location) -> str:
    """Say what is wrong in the words of the configuration, not of pydantic."""
    name, kind, found = dotted(location), detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(location)
    if kind == "unknown_field":
        return f"{dotted(location[:-1])}: {detail['msg']}"
    if kind == "missing":
        return f"{name}: missing{_example(name)}"
    quotable = isinstance(found, str) and kind != "unquoted"
    said = f", found {quoted(found, 60)}" if quotable else ""
    if kind == "value_error":
        return f"{name}: {context['error']}{said}" if name else str(context["error"])
    if kind not in _EXPECTED:
        return f"{name}: {detail['msg']}{said}"
    expected = _EXPECTED[kind].format(**context)
    hint = _nearest_word(context, found) if kind == "literal_error" else _example(name)
    return f"{name}: expected {expected}{said}{hint}"


_EXAMPLES = {
    "site": "site: with title:, url: and tag:",
    "site.title": "title: Example Every Day",
    "site.url": "url: https://feeds.example.org/, where the output will be served",
    "site.tag": "tag: feeds.example.org,2026, a domain of yours and a year you held it;"
    " it pins the ids of all entries, so never change it",
    "sources": "sources: [articles/]",
}


def _example(name: str) -> str:
    return f" (like {_EXAMPLES[name]})" if name in _EXAMPLES else ""


def _unknown_key(location: Location) -> str:
    key = str(location[-1])
    valid = _valid_keys(location[:-1])
    near = difflib.get_close_matches(key.lower(), valid, n=1, cutoff=0.6)
    if near:
        return f"unknown key {quoted(key, 60)} (did you mean {near[0]!r}?)"
    return f"unknown key {quoted(key, 60)} (the keys here are {', '.join(sorted(valid))})"


def _valid_keys(location: Location) -> list[str]:
    """Return the keys the shape at a location has."""
    model: type[BaseModel] | None = Config
    parts = iter(location)
    for part in parts:
        known = model.model_fields.get(str(part)) if model else None
        if known is not None:
            model = _model_in(known.annotation)
            if get_origin(known.annotation) is dict:
                next(parts, None)  # the user's own name, which may be called like a key
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m), None)


def _nearest_word(context: Any, found: Any) -> str:
    words = [word.strip(" '") for word in context["expected"].replace(" or ", ",").split(",")]
    near = difflib.get_close_matches(str(found).lower(), words, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def dotted(location: Location) -> str:
    """Return a place in the configuration as people write it: `sources[0].path`."""
    name = ""
    for part in location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name
