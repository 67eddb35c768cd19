"""The catalogue as one table, a row a grant: `python -m tests.catalog.flattened` prints the golden matrix."""

import csv
import sys
from pathlib import Path
from typing import NamedTuple

from orgward.catalog import EDITIONS

ORACLE = Path(__file__).parent.parent / "oracle"


class Grant(NamedTuple):
    """That a role grants a privilege in an edition, where, and when."""

    edition: str
    role: str
    privilege: str
    on: str
    when: str


def grants():
    """Give every grant of the catalogue, sorted, so that two versions can be compared line by line."""
    return sorted(grant for edition in EDITIONS.values() for grant in grants_of(edition))


def grants_of(edition):
    """Give every grant of one edition, as the look-ups of the edition tell it."""
    for role in edition.roles.values():
        for on, look_up in ((role.scope, edition.privileges_of), ("all_projects", edition.in_projects_of)):
            always = look_up(role.name, added_by_owner=False)
            at_times = look_up(role.name, added_by_owner=True) - always
            for when, privileges in (("", always), ("added_by_owner", at_times)):
                yield from (Grant(edition.name, role.name, privilege, on, when) for privilege in privileges)


def read(path, row=None):
    """Give the rows of a CSV file, as dictionaries or as tuples of the kind asked for."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row(**values) for values in rows] if row else rows


def write(file):
    """Write the golden matrix."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Grant._fields)
    writer.writerows(grants())


if __name__ == "__main__":
    write(sys.stdout)
