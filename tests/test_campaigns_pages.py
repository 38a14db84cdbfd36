import pytest

from campaigns.browser import read_dom
from campaigns.hostile import raw_page, without_policy
from campaigns.pages import COUNT, HARMLESS, Kind, check_page, harmless_page, page_kinds
from campaigns.payloads import DISGUISES, make_payloads
from stance.page import documents_page

HOST = "127.0.0.1:80"
PAYLOADS = make_payloads(100, HOST)


def raw(texts: list[str]) -> str:
    return "".join(map(raw_page, texts))


def problems(kind: Kind, texts: list[str]) -> list[str]:
    found, expected = read_dom(kind.build(texts)), read_dom(harmless_page(kind, len(texts)))
    return list(check_page(kind, texts, found, expected))


@pytest.mark.parametrize("kind", page_kinds(), ids=lambda kind: kind.name)
def test_page_of_payloads_resembles_harmless_one(kind: Kind) -> None:
    assert problems(kind, PAYLOADS) == []


@pytest.mark.parametrize("varies", [False, True])
@pytest.mark.parametrize(
    "payload",
    [
        '<img src=x onerror="x()">',
        '"><b>',
        '" onmouseover="x()',
        "<!-- a -->",
        "<![CDATA[ a ]]>",
        "<?a ?>",
    ],
)
def test_payload_taken_for_markup_is_found(payload: str, varies: bool) -> None:
    found, expected = read_dom(raw([payload])), read_dom(raw([HARMLESS]))
    assert list(check_page(Kind("raw", raw, varies), [payload], found, expected))


def test_a_changed_title_is_found_out() -> None:
    before, after = read_dom("<title>page</title>"), read_dom("<title>ran</title>")
    assert list(check_page(Kind("raw", raw, False), [], after, before)) == ["raw: <ran> in the page instead of <page>"]


def test_text_shown_otherwise_is_found() -> None:
    kind = Kind("raw", raw, False)
    found = read_dom(raw(["&amp;"]))
    assert list(check_page(kind, ["&amp;"], found, found)) == ["raw: not shown as it reads: '&amp;'"]


def test_payloads_are_many_and_different() -> None:
    payloads = make_payloads(COUNT, HOST)
    assert len(set(payloads)) == COUNT
    assert payloads[:100] == PAYLOADS


def test_every_disguise_leaves_a_payload() -> None:
    plain = '</title><img src=x onerror="document.title=1">\n'
    assert not [number for number, disguise in enumerate(DISGUISES) if not disguise(plain)]


def test_pages_are_tried_without_policy() -> None:
    page = documents_page([], lambda _: pytest.fail("no sentence to explain"))
    assert "Content-Security-Policy" in page
    assert "Content-Security-Policy" not in without_policy(page)
