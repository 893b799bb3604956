"""Which out-of-order findings have one cause, so that it is told once (decision 0004).

A use that met another definition has its cause in the cells that made the two definitions: whatever names they define.
A use that met an object in another state has it in the cells that changed the object, itself among them where it
changes it, too: findings on one name whose cells overlap are one cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis.flow import Definition
    from nbpipe.analysis.order import OrderFinding


def by_cause(findings: Iterable[OrderFinding]) -> list[list[OrderFinding]]:
    """Group findings by cause; groups, and findings in them, keep the order in which they are given."""
    groups: list[list[OrderFinding]] = []
    definers: dict[object, list[OrderFinding]] = {}
    changers: dict[str, list[tuple[set[int], list[OrderFinding]]]] = {}
    for finding in findings:
        if finding.other_definition:
            key = (_cells(finding.expected), _cells(finding.reached))
            group = definers.get(key)
            if group is None:
                group = definers[key] = []
                groups.append(group)
        else:
            group = _changed_group(changers.setdefault(finding.use.name, []), finding, groups)
        group.append(finding)
    return [group for group in groups if group]


def _changed_group(
    known: list[tuple[set[int], list[OrderFinding]]], finding: OrderFinding, groups: list[list[OrderFinding]]
) -> list[OrderFinding]:
    """Give the group of a name whose cells this finding shares, joining those that it connects."""
    cells = {*finding.changed, finding.use.cell}
    touching = [entry for entry in known if entry[0] & cells]
    if not touching:
        group: list[OrderFinding] = []
        groups.append(group)
        known.append((set(cells), group))
        return group
    first, *others = touching
    first[0].update(cells)
    for entry in others:
        first[0].update(entry[0])
        first[1].extend(entry[1])
        entry[1].clear()
        known.remove(entry)
    return first[1]


def _cells(definitions: tuple[Definition, ...]) -> frozenset[int]:
    return frozenset(definition.cell for definition in definitions)
