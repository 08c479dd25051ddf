"""The figure whose nine numbers the reader sets: on a static page in a real browser, and in a live kernel."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from byhand.conv import conv
from byhand.kernel import explore_kernel

IMAGES = {"a <corner>": np.pad(np.full((3, 2), 16), ((0, 2), (1, 1))), "a ramp": np.arange(20).reshape(5, 4)}
KERNELS = {"nothing": np.pad([[1]], 1), 'the "right" minus the left': [[-1, 0, 1]] * 3, "a tenth": np.full((3, 3), 0.1)}


@pytest.fixture
def figure():
    return explore_kernel(IMAGES, KERNELS)


def test_it_says_what_it_shows(figure):
    assert figure.words("a ramp", KERNELS["nothing"]) == (
        "a ramp, and what the kernel 0 0 0; 0 1 0; 0 0 0 makes of it: numbers from 0 to 19.")
    assert figure.words("a ramp", np.full((3, 3), -0.25)).endswith(
        "−0.25 −0.25 −0.25 makes of it: numbers from −31.5 to −2.5.")
    assert repr(figure) == "Figure with nine numbers to set. " + figure.words("a <corner>", KERNELS["nothing"])


def test_it_draws_the_image_and_the_result(figure):
    kernel = np.array(KERNELS['the "right" minus the left'])
    cells = np.array(re.findall(r'fill="(\S+)" fill-opacity="(\S+)"', figure.svg("a ramp", kernel)))
    y = conv(IMAGES["a ramp"][None, None], kernel[None, None], padding=1).ravel()
    assert set(cells[:20, 0]) == {"currentColor"} and len(cells) == 40
    assert np.allclose(cells[:20, 1].astype(float), np.arange(20) / 19, atol=5e-4)
    assert np.allclose(cells[20:, 1].astype(float), abs(y) / abs(y).max(), atol=5e-4)
    assert (cells[20:, 0] == "#d55e00").tolist() == (y < 0).tolist()


def test_a_black_image_is_drawn_too():
    assert 'fill-opacity="0"' in explore_kernel({"black": np.zeros((2, 2))}, KERNELS).html()


def test_what_a_notebook_stores(figure, monkeypatch):
    view = "application/vnd.jupyter.widget-view+json"
    monkeypatch.setenv("BYHAND_STATIC", "1")
    assert set(figure._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.delenv("BYHAND_STATIC")
    assert view in figure._repr_mimebundle_()


def test_live(figure):
    picture, image, choice, *rows = figure.widget().children
    numbers = [one for row in rows for one in row.children]
    assert [one.value for one in numbers] == [0, 0, 0, 0, 1, 0, 0, 0, 0] and "numbers from 0 to 16" in picture.value
    choice.value = 'the "right" minus the left'
    assert [one.value for one in numbers] == [-1, 0, 1] * 3
    assert "kernel −1 0 1; −1 0 1; −1 0 1 makes" in picture.value
    numbers[4].value = 2.5
    assert choice.value == "your own" and "−1 2.5 1" in picture.value
    numbers[4].value = 0
    assert choice.value == 'the "right" minus the left'
    choice.value = "your own"
    assert choice.value == 'the "right" minus the left'
    image.value = "a ramp"
    assert picture.value.count("a ramp") == 2


@pytest.fixture
def page(browser, figure, tmp_path):
    file = tmp_path / "page.html"
    file.write_text('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>A page</title>'
                    f"<main><h1>A page</h1>{figure.html()}</main></html>", encoding="utf-8")
    page = browser.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(file.as_uri())
    yield page
    page.close()


def shown(page):
    words = page.locator(".kernel p").first.inner_text()
    assert words == page.get_attribute(".kernel svg", "aria-label")
    cells = page.locator(".kernel svg rect").evaluate_all(
        "all => all.map(rect => [rect.getAttribute('fill'), rect.getAttribute('fill-opacity')])")
    return words, [(fill, float(opacity)) for fill, opacity in cells if opacity]


def wanted(figure, name, kernel):
    cells = re.findall(r'fill="(\S+)" fill-opacity="(\S+)"', figure.svg(name, np.reshape(kernel, (3, 3))))
    return figure.words(name, np.reshape(kernel, (3, 3))), [(fill, float(opacity)) for fill, opacity in cells]


def assert_same(one, other):
    assert one[0] == other[0]
    for (fill, opacity), (other_fill, other_opacity) in zip(one[1], other[1], strict=True):
        assert abs(opacity - other_opacity) < 1e-3 and (fill == other_fill or opacity < 1e-9)


def test_the_page_computes_what_the_library_computes(page, figure):
    assert_same(shown(page), wanted(figure, "a <corner>", KERNELS["nothing"]))
    rng = np.random.default_rng(0)
    image, choice = page.locator("select").all()
    for _ in range(5):
        name, kernel = rng.choice(list(IMAGES)), rng.integers(-4, 5, 9) / 2
        image.select_option(name)
        for field, number in zip(page.locator("input").all(), kernel, strict=True):
            field.fill(str(number))
        assert_same(shown(page), wanted(figure, name, kernel))
        assert choice.input_value() == "your own"
    for name, kernel in KERNELS.items():
        choice.select_option(name)
        assert_same(shown(page), wanted(figure, image.input_value(), kernel))
        assert choice.input_value() == name


def test_the_keyboard_is_enough(page, figure):
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert "a ramp" in shown(page)[0]
    for _ in range(6):                              # past the list of kernels to the number in the middle
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    assert_same(shown(page), wanted(figure, "a ramp", [0, 0, 0, 0, 2, 0, 0, 0, 0]))


@pytest.mark.parametrize("typed, number", [("", 0), ("1e9", 99), ("-1000", -99), ("0.5", 0.5)])
def test_whatever_is_typed(page, figure, typed, number):
    page.locator("input").first.fill(typed)
    assert_same(shown(page), wanted(figure, "a <corner>", [number, 0, 0, 0, 1, 0, 0, 0, 0]))


def test_it_is_accessible(page):
    found = {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in Axe().run(page).response["violations"]}
    assert not found


def test_without_scripts(browser, figure, tmp_path):
    (tmp_path / "page.html").write_text(figure.html(), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("svg").is_visible() and not page.locator(".controls").is_visible()
    assert "shown: nothing." in page.inner_text("noscript")
    context.close()


@pytest.mark.parametrize("images, kernels, error, message", [
    ([], KERNELS, TypeError, "images must be a dict of name → array, got []"),
    ({}, KERNELS, TypeError, "images must be a dict of name → array, got {}"),
    ({1: [[1]]}, KERNELS, TypeError, "images must be a dict of name → array, got {1: [[1]]}"),
    ({"a": [1, 2]}, KERNELS, ValueError, "images['a'] must have 2 axes, got shape (2,)"),
    ({"a": [[-1]]}, KERNELS, ValueError, "images['a'] must be >= 0, got -1.0"),
    ({"a": [[1]], "b": [[1, 2]]}, KERNELS, ValueError, "images must all have one shape, got (1, 1) and (1, 2)"),
    ({"a": [[np.nan]]}, KERNELS, ValueError, "images['a'] must not hold NaN"),
    (IMAGES, {"k": [[1]]}, ValueError, "kernels must be 3 × 3, got (1, 1) for 'k'"),
    (IMAGES, {"k": np.full((3, 3), 100)}, ValueError, "kernels['k'] must be >= -99 and <= 99, got 100.0"),
    (IMAGES, None, TypeError, "kernels must be a dict of name → array, got None"),
])
def test_bad_input(images, kernels, error, message):
    with pytest.raises(error, match=re.escape(message)):
        explore_kernel(images, kernels)
