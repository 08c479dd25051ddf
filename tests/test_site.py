"""The built site in a real browser that reaches nothing else: what a reader sees, clicks and hears."""

import functools
import gzip
import html
import inspect
import json
import os
import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from byhand import optim
from conftest import ROOT, SITE

PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html")
               if path.relative_to(SITE).parts[0] not in ("_static", "vendor", "index.html"))   # index.html redirects
LESSONS = sorted(str(path.relative_to(ROOT).with_suffix(".html")) for path in (ROOT / "chapters").glob("*/*.ipynb"))
LESSONS.insert(0, "chapters/index.html")                # it has a figure, and is to be as light as a lesson
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 740}
# Rules that axe reports in what the theme writes, and that neither its options nor book.js can mend: none.
THEME = []


@functools.cache
def on_the_wire(path):
    """How many bytes a server sends, compressed as servers do."""
    return len(gzip.compress(path.read_bytes()))


class Visit:
    """One page, opened offline but for its own site; `problems` collects failed requests and console errors."""

    def __init__(self, browser, address, *, viewport=DESKTOP, theme="light", scripts=True, touch=False):
        self.problems, self.bytes = [], {}
        self.context = browser.new_context(viewport=viewport, color_scheme=theme, java_script_enabled=scripts,
                                           has_touch=touch)
        self.page = self.context.new_page()
        home = urlsplit(address).netloc
        self.page.route("**/*", lambda route: route.continue_() if urlsplit(route.request.url).netloc == home
                        or route.request.url.startswith(("data:", "file:", "blob:")) else self._refuse(route))
        self.page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url}"))
        self.page.on("response", self._weigh)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", lambda message: self.problems.append(f"console: {message.text}")
                     if message.type in ("error", "warning") else None)
        self.page.goto(address, wait_until="load")
        self.page.wait_for_timeout(300)

    def _refuse(self, route):
        self.problems.append(f"left the site: {route.request.url}")
        route.abort()

    def _weigh(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")
        elif response.url.startswith("http"):
            path = SITE / urlsplit(response.url).path.removeprefix("/book/")
            if path.is_file():
                self.bytes[response.url] = on_the_wire(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LESSONS])
def test_page_is_sound(site, browser, name):
    with Visit(browser, f"{site}/{name}") as visit:
        assert_sound(visit, name)


# Axe takes long for long pages. So once it has seen the whole page, pictures and formulas are emptied: they have the
# colour of the text around them. And to measure colours it gets one of all texts that look the same, since their
# elements and those around them have the same classes and backgrounds; a link that stays keeps the text beside it.
WITHOUT_INSIDES = """() => {
  for (const one of document.querySelectorAll(".explore svg, mjx-container")) one.replaceChildren();
}"""
ONE_OF_EACH_LOOK = """() => {
  const looks = new Map([[null, ""]]), seen = new Set(), inLinks = [], others = [];
  const isText = node => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const look = one => {
    if (!looks.has(one)) {
      const ground = getComputedStyle(one).backgroundColor;           // every other row of a table has another
      const beside = one.tagName === "A" && [...one.parentElement.childNodes].some(isText);
      looks.set(one, `${look(one.parentElement)}/${one.tagName} ${one.getAttribute("class")} ` +
                     `${one.getAttribute("style")} ${ground} ${beside}`);
    }
    return looks.get(one);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    const shown = `${one.checkVisibility()} ${getComputedStyle(one).color} ${look(one)}`;
    if (isText(texts.currentNode) && seen.size === seen.add(shown).size)
      (one.closest("a") ? inLinks : others).push(texts.currentNode);
  }
  for (const text of [...inLinks, ...others]) {
    let one = text.parentElement;
    if (one.querySelector("a")) continue;
    text.remove();
    while (!one.matches("td, th") && !one.textContent.trim() && !one.querySelector("input, button, img, svg")) {
      const around = one.parentElement;
      one.remove();
      one = around;
    }
  }
}"""
COLOURED = ["color-contrast", "link-in-text-block"]
STRUCTURE, COLOURS = {"rules": {rule: {"enabled": False} for rule in COLOURED}}, {"runOnly": COLOURED}
STATES = [(DESKTOP, "light", STRUCTURE), (PHONE, "dark", STRUCTURE), (PHONE, "dark", COLOURS),
          (PHONE, "light", COLOURS), (DESKTOP, "light", COLOURS), (DESKTOP, "dark", COLOURS)]


def assert_sound(visit, name):
    """Nothing fails to load; at each size, in each theme, nothing is too wide and axe finds no violation."""
    page = visit.page
    assert page.get_attribute("html", "lang") == "en"
    assert page.title().strip() not in ("", "<no title>")
    if name.startswith(("chapters", "homework")):                   # not the theme's own pages, such as the search
        assert len(page.get_attribute('meta[name="description"]', "content")) > 40
        assert page.get_attribute('meta[property="og:image"]', "content").endswith("_static/card.png")
    assert not visit.problems                       # before axe, which itself looks for style sheets elsewhere
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        page.wait_for_timeout(100)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} pixels wider than {viewport}"
    for viewport, theme, rules in STATES:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(500)                  # colours fade, and the theme looks anew for what can be scrolled
        assert page.get_attribute("html", "data-theme") == theme
        if rules is COLOURS:
            page.evaluate(ONE_OF_EACH_LOOK)
        found = {rule["id"]: [node["html"][:160] for node in rule["nodes"]] for rule in violations(page, rules)
                 if rule["id"] not in THEME}
        assert not found, json.dumps(found, indent=1)
        page.evaluate(WITHOUT_INSIDES)
        if rules is STRUCTURE:
            page.request_gc()                       # axe leaves a range for each text, which would slow its removal


def violations(page, options, where="html"):
    """What axe finds; the page keeps it, so that it is loaded once."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    return page.evaluate("([where, options]) => axe.run(where, options).then(results => results.violations)",
                         [where, {"resultTypes": ["violations"]} | options])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_mouse_is_over_can_be_read(site, browser, theme):
    with Visit(browser, f"{site}/chapters/how-to-read.html", theme=theme) as visit:
        visit.page.add_style_tag(content="#pst-back-to-top { display: block !important; }")        # as in scrolling up
        for shown in ("#pst-back-to-top", ".prev-next-title", "article a.reference", ".bd-sidebar-primary a.reference"):
            visit.page.locator(f"{shown}:visible").last.hover()
            visit.page.wait_for_timeout(300)
            assert not violations(visit.page, COLOURS, shown), shown


def test_a_dark_page_is_dark_from_the_start(site, browser):
    with Visit(browser, f"{site}/{LESSONS[0]}", theme="dark") as visit:
        assert visit.page.get_attribute("html", "data-theme") == "dark"


@pytest.mark.parametrize("name", LESSONS)
def test_figures_say_what_they_show(name):
    text = (SITE / name).read_text(encoding="utf-8")
    captions = [words(caption) for caption in re.findall(r'<span class="caption-text">(.*?)</span>\s*<a', text, re.S)]
    alts = [html.unescape(alt) for alt in re.findall(r'<svg [^>]*aria-label="([^"]*)"', text)]
    alts += [html.unescape(alt) for alt in re.findall(r'<img [^>]*alt="([^"]*)"', text) if "logo" not in alt.lower()]
    assert alts, "no figure"
    for alt in alts:
        assert len(alt.split()) >= 6 and not re.search(r"\.(png|svg|jpe?g)\b", alt), alt
        assert alt not in captions, f"a copy of the caption: {alt}"
    figures = re.findall(r"<figure.*?</figure>", text, re.S)
    assert len(captions) == len(figures) and all(captions)
    inside = sum(figure.count('class="explore"') for figure in figures)
    assert text.count('class="explore"') == inside, "a figure has no caption"


def words(markup):
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def test_korean_is_marked_as_such():
    """So that a screen reader does not read it as English."""
    marked = 0
    for name in PAGES:
        text = re.search(r"<article.*?</article>", (SITE / name).read_text(encoding="utf-8"), re.S)
        rest, count = re.subn(r'<span lang="ko">[가-힣 ]+</span>', "", text[0] if text else "")
        assert not re.search("[가-힣]", re.sub(r"<[^>]+>", "", rest)), name
        marked += count
    assert marked > 100


@pytest.mark.parametrize("name", LESSONS)
def test_without_scripts(site, browser, name):
    with Visit(browser, f"{site}/{name}", scripts=False) as visit:
        page = visit.page
        figures = page.locator(".explore").all()
        assert figures
        for figure in figures:
            assert figure.locator("svg").is_visible()
            if figure.locator("input").count():
                assert not figure.locator(".controls").is_visible()
                assert "Without JavaScript" in figure.inner_text()
        for details in page.locator("article details").all():
            details.locator("summary").first.click()
            assert details.get_attribute("open") is not None


def test_search_finds_a_lesson(site, browser):
    with Visit(browser, f"{site}/search.html?q=Nesterov") as visit:
        visit.page.locator("#search-results li a").first.wait_for()
        found = visit.page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
        assert any("gradient-methods/momentum.html" in address for address in found)
        assert not visit.problems


def test_every_page_leads_on(site, browser):
    """Previous and next go through the book from the first page to the last."""
    first = name = "chapters/index.html"
    seen = []
    while name:
        page = (SITE / name).read_text(encoding="utf-8")
        seen.append(name)
        ahead = re.search(r'<a class="right-next"\s+href="([^"]*)"', page)
        back = re.search(r'<a class="left-prev"\s+href="([^"]*)"', page)
        assert (name == first) == (back is None)
        name = os.path.normpath(os.path.join(os.path.dirname(name), ahead.group(1))) if ahead else None
    assert len(seen) == len(set(seen)) and set(LESSONS) <= set(seen)


def test_a_printed_page_shows_solutions_and_no_sliders(site, browser):
    with Visit(browser, f"{site}/chapters/gradient-methods/momentum.html") as visit:
        visit.page.emulate_media(media="print")
        assert not visit.page.locator(".controls").first.is_visible()
        assert not visit.page.locator(".bd-sidebar-primary").is_visible()
        solution = visit.page.locator("details").filter(has_text="Solution: β² belongs").locator("pre").first
        assert solution.is_visible() and solution.bounding_box()["height"] > 20
        assert len(visit.page.pdf()) > 50_000


def test_the_ledger_filters_by_verdict(site, browser):
    with Visit(browser, f"{site}/chapters/the-notes-checked.html") as visit:
        rows, choices = visit.page.locator(".ledger tbody tr:not(.head)"), visit.page.locator(".ledger input")
        assert choices.count() == 4
        counts = []
        for i in range(4):
            choices.first.focus()
            for _ in range(i):
                visit.page.keyboard.press("ArrowDown")
            verdicts = rows.evaluate_all("rows => rows.filter(row => row.getClientRects().length)"
                                         ".map(row => row.cells[2].textContent)")
            label = choices.nth(i).locator("xpath=..").inner_text()
            assert f"({len(verdicts)})" in label and len(verdicts) > 0
            assert i == 0 or {verdict.strip() for verdict in verdicts} == {label.rsplit(" (", 1)[0].strip()}
            counts.append(len(verdicts))
            visit.page.keyboard.press("Tab")
            choices.first.check()
        assert counts[0] == sum(counts[1:])
        assert not visit.problems


def shown(figure):
    """What a figure shows: its words, and which parts are drawn."""
    return figure.evaluate("""figure => {
      const svg = figure.querySelector("svg"), parts = [...svg.querySelectorAll("[data-frames]")];
      return [svg.getAttribute("aria-label"), parts.map(g => g.getClientRects().length > 0)];
    }""")


def test_pages_work_from_a_folder(browser):
    with Visit(browser, (SITE / "chapters/gradient-methods/momentum.html").as_uri()) as visit:
        assert visit.page.locator("mjx-container").count() > 5
        figure = visit.page.locator(".explore:has(input)").first
        before = shown(figure)
        figure.locator("input").first.focus()
        visit.page.keyboard.press("ArrowRight")
        assert shown(figure) != before
        assert not visit.problems


@pytest.mark.parametrize("thing", [optim.Momentum, optim.Nesterov])
def test_listings_are_the_source_of_today(thing):
    page = (SITE / "chapters/gradient-methods/momentum.html").read_text(encoding="utf-8")
    listings = [words(listing) for listing in re.findall(r"<pre>(.*?)</pre>", page, re.S)]
    assert inspect.getsource(thing).strip() in listings
