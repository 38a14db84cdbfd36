"""Script injection: python -m campaigns.pages [--count 2000] puts payloads wherever our pages show text.

The pages are opened in headless Chromium without their Content-Security-Policy, so that the escaping is tested and not
the policy behind it. Nothing may run or be loaded, no element or attribute may be there that a harmless page lacks, and
each payload must be shown as it reads. As a control each payload is put into a page raw, where a fifth must work.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from campaigns.browser import Dom, Site, dump_dom, find_browser, open_site, read_dom, visit
from campaigns.hostile import articles_of, documents_of, explanations_of, frames_page, raw_page
from campaigns.payloads import SEED, make_payloads
from stance.shipped import shipped_classifier
from stance.terminal import harmless

COUNT, ON_A_PAGE = 2000, 100
FEWEST_WORKING = 0.2
"""If fewer of the raw payloads work, the campaign is blind and has failed."""

HARMLESS = "plain words"

Build = Callable[[Sequence[str]], str]


class Kind(NamedTuple):
    """A kind of page; with the same texts its structure is the same, or (`varies`) of the same names."""

    name: str
    build: Build
    varies: bool


def page_kinds() -> list[Kind]:
    """Return the kinds of pages that are tried."""
    articles = partial(articles_of, classifier=shipped_classifier())
    return [
        Kind("documents", documents_of, False),
        Kind("explanations", explanations_of, False),
        Kind("articles", articles, True),
    ]


def harmless_page(kind: Kind, count: int) -> str:
    """Return a page of so many harmless texts, to compare others with."""
    if kind.varies:  # articles differ in which relations they have; this one shows all that a page can hold
        return documents_of([HARMLESS])
    return kind.build([HARMLESS] * count)


def check_page(kind: Kind, texts: Sequence[str], found: Dom, expected: Dom) -> Iterator[str]:
    """Yield what is wrong with a page of some texts, compared with a harmless one."""
    if kind.varies:
        yield from (f"{kind.name}: <{name}> in the page" for name in sorted(found.names - expected.names))
    elif found.structure != expected.structure:
        yield f"{kind.name}: {_first_difference(found, expected)}"
    yield from (f"{kind.name}: not shown as it reads: {text!r}" for text in texts if harmless(text) not in found.text)


def _first_difference(found: Dom, expected: Dom) -> str:
    pairs = zip(found.structure, expected.structure, strict=False)
    return next(
        (f"<{here}> in the page instead of <{there}>" for here, there in pairs if here != there),
        f"{len(found.structure)} tags instead of {len(expected.structure)}",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; return 0 when nothing failed or there is no browser, else 1."""
    options = _parse(arguments)
    browser = find_browser()
    if browser is None:
        print("pages: skipped, no chromium, chromium-browser or google-chrome here")
        return 0
    with open_site() as site:
        payloads = make_payloads(options.count, site.host, options.seed)
        failures, pages = _try_pages(payloads, site, browser)
        working = _count_working(payloads, site, browser)
    if working < FEWEST_WORKING * len(payloads):
        failures.append(f"only {working} raw payloads work: the campaign would not see it if one did on a page")
    print(*failures, sep="\n", end="\n" * bool(failures))
    print(
        f"pages: {len(payloads):,} payloads, {len(failures):,} failures; {pages} pages in {browser}, "
        f"control: {working:,} of the payloads work when they stand in a page raw"
    )
    return 1 if failures else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m campaigns.pages", description="Script injection into our pages.")
    parser.add_argument("--count", type=int, default=COUNT, help="how many payloads")
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(arguments)


def _try_pages(payloads: Sequence[str], site: Site, browser: str) -> tuple[list[str], int]:
    """Return what failed and how many hostile pages were opened."""
    failures: list[str] = []
    batches = [payloads[start : start + ON_A_PAGE] for start in range(0, len(payloads), ON_A_PAGE)]
    for kind in page_kinds():
        sizes = {len(batch) for batch in batches}
        expected = {size: read_dom(_open(site, browser, harmless_page(kind, size))) for size in sizes}
        for batch in batches:
            found = read_dom(_open(site, browser, kind.build(batch)))
            failures += check_page(kind, batch, found, expected[len(batch)])
    failures += [f"the browser asked for {stray}" for stray in site.strays]
    return failures, len(batches) * len(page_kinds())


def _open(site: Site, browser: str, page: str) -> str:
    site.pages["/page"] = page.encode("utf-8")
    return dump_dom(browser, f"http://{site.host}/page")


def _count_working(payloads: Sequence[str], site: Site, browser: str) -> int:
    """Return how many different payloads the server hears of when each stands raw in a page of its own."""
    site.strays.clear()
    paths = [f"/raw/{number}" for number in range(len(payloads))]
    site.pages.update(zip(paths, (raw_page(each).encode("utf-8", "replace") for each in payloads), strict=True))
    for start in range(0, len(paths), ON_A_PAGE):
        site.pages["/frames"] = frames_page(paths[start : start + ON_A_PAGE]).encode()
        visit(browser, f"http://{site.host}/frames")
    return len({stray for stray in site.strays if stray.startswith("/hit?")})


if __name__ == "__main__":
    sys.exit(main())
