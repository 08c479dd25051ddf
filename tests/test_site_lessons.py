"""Every lesson of the built site in a real browser: light to load, its figures move by mouse, key, touch and play, and
it is sound on desktop and phone, light and dark. All in one visit, since loading a page takes longest.
"""

import pytest
from playwright.sync_api import expect
from test_site import DESKTOP, LESSONS, PHONE, Visit, assert_sound, shown


@pytest.mark.parametrize("name", LESSONS)
def test_lesson(site, browser, name):
    with Visit(browser, f"{site}/{name}", touch=True) as visit:
        assert sum(visit.bytes.values()) < 1.5e6, sorted((size, url) for url, size in visit.bytes.items())[-5:]
        assert_every_figure_moves_and_plays(visit)
        visit.page.set_viewport_size(DESKTOP)
        visit.page.mouse.move(0, 0)
        assert_sound(visit, name)


def assert_every_figure_moves_and_plays(visit):
    for figure in visit.page.locator(".explore:has(input)").all():
        figure.scroll_into_view_if_needed()
        for slider in figure.locator("input").all():
            before = shown(figure)
            slider.focus()
            visit.page.keyboard.press("ArrowRight")
            by_key = shown(figure)
            assert_moved(slider, before, by_key)
            visit.page.keyboard.press("End")
            assert slider.evaluate("slider => slider.value === slider.max")
            at_end = shown(figure)
            box = slider.bounding_box()
            visit.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
            visit.page.mouse.down()
            visit.page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2, steps=2)
            visit.page.mouse.up()
            assert_moved(slider, at_end, shown(figure))
            slider.focus()
            visit.page.keyboard.press("Home")
            assert shown(figure) == before
    for figure in visit.page.locator(".explore:has(button)").all():
        assert_plays(visit.page, figure)
    visit.page.set_viewport_size(PHONE)
    for slider in visit.page.locator(".explore input").all():
        assert_moves_by_touch(visit.page, slider)


def assert_plays(page, figure):
    """To the end, and it can be paused on the way."""
    button, time = figure.locator("button"), figure.locator("label:has(+ button) input")
    reached, shown_then = button.evaluate(PAUSED_AFTER_A_STEP)
    assert int(reached) > 0 and shown_then == "Pause"
    page.wait_for_timeout(400)
    assert time.input_value() == reached and button.inner_text() == "Play"
    button.click()
    expect(button).to_have_text("Play", timeout=150 * int(time.get_attribute("max")) + 2000)
    assert time.input_value() == time.get_attribute("max")


# Where the value beside a slider ends on the right, for each value it can have.
ENDS_OF_ITS_TEXTS = """slider => JSON.parse(slider.dataset.texts).map(text => {
  const output = slider.nextElementSibling, shown = output.textContent;
  output.textContent = text;
  const end = output.getBoundingClientRect().right;
  output.textContent = shown;
  return end;
})"""


def assert_moves_by_touch(page, slider):
    slider.scroll_into_view_if_needed()
    figure = slider.locator("xpath=ancestor::*[contains(@class, 'explore')][1]")
    slider.evaluate("slider => { slider.value = 0; slider.dispatchEvent(new Event('input', {bubbles: true})); }")
    before, box = shown(figure), slider.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] and box["height"] >= 24
    ends = slider.evaluate(ENDS_OF_ITS_TEXTS)
    assert max(ends) <= PHONE["width"], f"a value of this slider leaves the screen: {ends}"
    page.touchscreen.tap(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    assert_moved(slider, before, shown(figure))


def assert_moved(slider, before, after):
    text, spoken, meant = slider.evaluate("""slider => [slider.nextElementSibling.textContent, slider.ariaValueText,
                                                     JSON.parse(slider.dataset.texts)[slider.value]]""")
    assert text == spoken == meant
    assert before[0] != after[0], "the words did not change"
    assert before[1] != after[1], "the picture did not change"
    assert text in after[0], f"{text!r} is not named in {after[0]!r}"


# In the page itself, since a short figure may have played to its end before a click from outside arrives.
PAUSED_AFTER_A_STEP = """button => new Promise(done => {
  const time = button.previousElementSibling.querySelector("input");
  button.click();
  const watch = setInterval(() => {
    if (time.value === "0") return;
    clearInterval(watch);
    const label = button.textContent;
    button.click();
    done([time.value, label]);
  }, 10);
})"""
