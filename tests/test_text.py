"""What the whole book agrees on: its Korean terms, its links, its bibliography, and that every page is in the order."""

import re
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from conftest import ROOT
from pybtex.database import parse_file

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
ORDER = [TOC["root"], *(page["file"] for part in TOC["parts"] for page in part["chapters"])]


def prose(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def file(page):
    return next(path for ending in (".md", ".ipynb") if (path := ROOT / f"{page}{ending}").exists())


TEXTS = {page: prose(file(page)) for page in ORDER}
LESSONS = [page for page in ORDER if re.fullmatch(r"chapters/[\w-]+/[\w-]+", page)]
# In brackets behind the English one, such as (k-겹 교차 검증), (지수이동평균, EMA) or (a stump, 그루터기).
TERM = re.compile(r"\((?:[a-z ]+, )?((?:[A-Za-z\d]+-? ?)?[가-힣][가-힣 ]*)(?:, [A-Z가-힣]+)?\)")


def glossary():
    rows = re.findall(r"^\| ([^|]+) \| ([\w -]*[가-힣 ]+) \| [^|]+ \| \[[^]]+\]\(([^)]+)\.ipynb\) \|$",
                      TEXTS["chapters/glossary"], re.M)
    return {korean.strip(): (english.strip(), f"chapters/{page}") for english, korean, page in rows}


def test_every_page_is_in_the_order():
    pages = {str(path.relative_to(ROOT).with_suffix("")) for ending in ("md", "ipynb")
             for path in (ROOT / "chapters").rglob(f"*.{ending}") if ".ipynb_checkpoints" not in path.parts}
    assert pages <= set(ORDER) and len(ORDER) == len(set(ORDER))


def test_every_korean_term_is_in_the_glossary_where_it_is_first_used():
    first = {}
    for page in LESSONS:
        for korean in TERM.findall(TEXTS[page]):
            first.setdefault(korean, page)
    told = {korean: page for korean, (_, page) in glossary().items()}
    assert told == first


def test_a_korean_term_stands_beside_the_english_one_of_the_glossary():
    """The words before the brackets share a stem with the glossary's English term."""
    wrong, told = [], glossary()
    for page in ORDER:
        text = TEXTS[page].replace("\n", " ")
        for found in TERM.finditer(text):
            english = told[found.group(1)][0]
            before = re.sub(r"[^\w ]", " ", text[max(found.start() - 70, 0) : found.start(1)]).lower()
            stems = [word[:4] for word in re.findall(r"\w+", english.lower()) if len(word) > 2]
            if not any(stem in before for stem in stems):
                wrong.append((page, before[-30:], found.group(1), english))
    assert not wrong


def test_the_glossary_is_in_alphabetical_order():
    terms = [english.lower() for english, _ in glossary().values()]
    assert terms == sorted(terms) and len(terms) > 50


@pytest.mark.parametrize("page", ORDER)
def test_links_have_a_sound_form(page):
    for address in re.findall(r"\bhttps?://[^\s)>\"'`]+", TEXTS[page]):
        parts = urlsplit(address)
        assert parts.scheme == "https" and re.fullmatch(r"([\w-]+\.)+[a-z]{2,}(:\d+)?", parts.netloc), address
    for target in re.findall(r"\]\((?!https?://|#)([^)\s]+)\)", TEXTS[page]):
        path = (file(page).parent / target.partition("#")[0]).resolve()
        assert path.exists() or any(path.with_suffix(end).exists() for end in (".md", ".ipynb")), target


BIB = parse_file(ROOT / "chapters/references.bib", bib_format="bibtex").entries


@pytest.mark.parametrize("key", list(BIB))
def test_a_source_can_be_found_and_is_used(key):
    fields = dict(BIB[key].fields)
    assert {"title", "year"} <= set(fields) and set(BIB[key].persons) & {"author", "editor"}, sorted(fields)
    assert re.fullmatch(r"(17|18|19|20)\d\d|n\.d\.", fields["year"])
    assert re.fullmatch(r"10\.\d{4,9}/\S+", fields.get("doi", "10.1000/none"))
    assert fields.get("url", "https://").startswith("https://")
    assert {"doi", "url", "journal", "booktitle", "publisher", "isbn", "eprint", "institution", "school"} & set(fields)
    cited = re.compile(rf"cite:\w+\}}`[^`]*\b{key}\b")
    assert any(cited.search(text) for text in TEXTS.values()), f"{key} is cited nowhere"
