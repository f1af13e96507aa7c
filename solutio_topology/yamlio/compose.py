"""From text to nodes with places, over libyaml: what both careful readers share."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from solutio_topology.yamlio.fault import MAX_DEPTH, MAX_NODES, Fault, Pointer

MERGE = "<<"
PLAIN = "plain"
"""The tag of a scalar without quotes and without a tag."""


_TOLD = {
    "expected <document start>": (
        "not YAML: text stands behind the end of the document, which readers pass over",
        "put --- between documents, and remove ... and %",
    ),
    "but found another document": ("the file holds several documents, and one is read", "keep one"),
    "found duplicate anchor": ("an anchor is defined twice: readers disagree which one counts", "rename one"),
    "found undefined alias": ("an undefined alias: no anchor of this name stands before it", "correct the name"),
}
"""What libyaml says, in people's words: message and remedy."""


class FaultError(Exception):
    """A document that cannot be read; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Loader(yaml.CSafeLoader):
    """Nodes only: what a plain scalar means is the reader's to say."""

    yaml_implicit_resolvers = {None: [(PLAIN, re.compile(""))]}


def compose(text: str) -> yaml.Node | None:
    """The one document of `text`, or None for none. Raises FaultError."""
    try:
        _bound_depth(text)
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        raise FaultError(_fault(error)) from None
    except yaml.YAMLError as error:
        raise FaultError(Fault(1, 1, f"not YAML: {error}")) from None
    if node is not None:
        _bound_size(node)
    return node


def _fault(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = " ".join(filter(None, (error.problem or "cut off", error.context)))
    for known, (message, remedy) in _TOLD.items():
        if known in said:
            return Fault(*place, message, remedy)
    return Fault(*place, f"not YAML: {said}", "check the indentation and quotes before it")


def _bound_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise FaultError(Fault(*start(event), f"nested more than {MAX_DEPTH} levels deep", "flatten it"))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _bound_size(root: yaml.Node) -> None:
    """Refuse what aliases blow up to more than MAX_NODES values, and aliases that hold themselves."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise FaultError(Fault(*start(node), "an alias stands inside what it names", "write the value out"))
        if known is not None:
            return known
        sizes[id(node)] = 0
        total = 1 + sum(size(child) for child in _children(node))
        if total > MAX_NODES:
            raise FaultError(
                Fault(*start(node), f"its aliases stand for more than {MAX_NODES:,} values", "use fewer aliases")
            )
        sizes[id(node)] = total
        return total

    size(root)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


def start(node: yaml.Node | yaml.Event) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    mark = node.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def find(root: yaml.Node, pointer: Pointer, *, key: bool = False) -> tuple[int, int]:
    """The place of what `pointer` names (with `key`: of its key), or of the nearest parent that exists."""
    place = start(root)
    for step in pointer:
        found = _step(root, step)
        if found is None:
            return place
        key_node, root = found
        place = start(key_node if key else root)
    return place


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode):
        index = int(step) if isinstance(step, int) or step.isdecimal() else -1
        return (node.value[index], node.value[index]) if 0 <= index < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(step):
                return key, value
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == MERGE:
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if (found := _step(source, step)) is not None:
                        return found
    return None
