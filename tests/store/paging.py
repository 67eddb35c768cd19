"""Pages of the console's lists, turned forwards and backwards."""

from orgward.store.reads.keyset import START, place_of


def turned(read, size):
    """Give all rows of a list in the order of its pages, and hold the pages against each other.

    Each page says where it stands; each has the one before it before it; places travel as text.
    """
    rows, place, shown = [], START, []
    while True:
        page = read(place, size=size)
        assert page.first == (len(rows) + 1 if page.rows else 0)
        assert page.last == len(rows) + len(page.rows) or not page.rows
        assert page.total is None or page.total >= len(rows) + len(page.rows)
        if shown:
            before = read(place_of(page.before.text), size=size)
            assert (before.rows, before.first, before.total) == (shown[-1].rows, shown[-1].first, shown[-1].total)
        else:
            assert page.before is None
        rows += page.rows
        shown.append(page)
        if page.after is None:
            return rows, page.total
        assert len(page.rows) == size
        place = place_of(page.after.text)
