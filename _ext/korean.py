"""Korean words are marked as Korean, so that a screen reader reads them as such and a line breaks between words."""

import re

TAG_OR_KOREAN = re.compile(r"(<[^>]*>)|([가-힣]+(?: [가-힣]+)*)")


def mark(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = TAG_OR_KOREAN.sub(
            lambda found: found[1] or f'<span lang="ko">{found[2]}</span>', context["body"])


def setup(app):
    app.connect("html-page-context", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
