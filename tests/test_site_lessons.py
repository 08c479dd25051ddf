"""Every lesson of the built site in a real browser: sound on desktop and phone, light and dark, and light to load."""

import pytest
from test_site import LESSONS, Visit, assert_sound


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_is_sound(site, browser, name):
    with Visit(browser, f"{site}/{name}") as visit:
        assert sum(visit.bytes.values()) < 1.5e6, sorted((size, url) for url, size in visit.bytes.items())[-5:]
        assert_sound(visit, name)
