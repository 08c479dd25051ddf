"""Every lesson of the built site in a real browser: sound on desktop and phone, light and dark, and light to load."""

import pytest
from test_site import DESKTOP, LESSONS, PHONE, Visit, assert_sound

# The contrast of a long page takes axe as long as all its other rules. Pages share their colours, so each lesson is
# looked at in one theme only, by turns.
COLOURS = [{}, {"color-contrast": {"enabled": False}}]


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_is_sound(site, browser, name):
    turn = LESSONS.index(name) % 2
    with Visit(browser, f"{site}/{name}") as visit:
        assert sum(visit.bytes.values()) < 1.5e6, sorted((size, url) for url, size in visit.bytes.items())[-5:]
        assert_sound(visit, name, ((DESKTOP, "light"), (PHONE, "dark")), (COLOURS[turn], COLOURS[1 - turn]))
