"""PDF pages: what is written is set as text, fonts are embedded in part, without fonts there is no file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from pypdf import PdfReader

from portal.pdf import FontMissing, render_pdf
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

DATA: dict[str, Any] = {
    "heading": "演示表",
    "number": "N-1",
    "facts": [["甲", "乙", "丙", "丁"]],
    "groups": [{"label": "组", "rows": [["Z", "技术优势", "内容"]]}],
    "steps": [],
    "words": {"steps": "步骤"},
}


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def words(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(content).pages)


def test_chinese_text_is_set_with_an_embedded_part_of_the_font(cast: Cast) -> None:
    with translation.override("zh-hans"):
        content = render_pdf("dossier", DATA, actor=cast.manager)

    text = words(content)
    assert "演示表" in text
    assert "技术优势" in text
    assert cast.manager.user.name in text.replace(" ", "")
    assert "丁" in text
    assert "演示第一大学" in text
    assert len(content) < 500_000
    fonts = read(content).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = [str(font.get_object()["/BaseFont"]) for font in fonts.values()]
    assert names
    assert all("+NotoSansSC" in name for name in names)


@pytest.mark.parametrize(
    "written",
    ['#read("/etc/passwd")', '$x$ *粗* _斜_ #import "base.typ"', "\\", "<img src=x>", "a\u0000b"],
)
def test_what_people_write_is_text_not_markup(cast: Cast, written: str) -> None:
    groups = [{"label": written, "rows": [["", "", written]]}]

    text = words(render_pdf("dossier", {**DATA, "groups": groups}, actor=cast.manager))

    for part in written.replace("\u0000", " ").split():
        assert text.count(part) >= 2


def test_long_texts_go_on_over_pages_with_numbers(cast: Cast) -> None:
    groups = [{"label": "组", "rows": [["Z", "优势", "很长的文字，" * 80]] * 60}]

    with translation.override("zh-hans"):
        found = read(render_pdf("dossier", {**DATA, "groups": groups}, actor=cast.manager))

    count = len(found.pages)
    assert count > 3
    for number, page in enumerate(found.pages, 1):
        foot = page.extract_text().replace(" ", "")
        assert f"{number}页，共{count}页" in foot


def test_without_fonts_there_is_a_clear_word_and_no_file(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.FONT_DIR = str(tmp_path)

    with pytest.raises(FontMissing):
        render_pdf("dossier", DATA, actor=cast.manager)


def test_every_template_holds_no_words_of_its_own() -> None:
    for path in Path(settings.BASE_DIR, "templates", "pdf").glob("*.typ"):
        lines = [line.partition("//")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        assert not any("\u4e00" <= mark <= "\u9fff" for line in lines for mark in line), path
