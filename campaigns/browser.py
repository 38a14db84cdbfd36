"""A headless Chromium that opens pages from a server of our own, which notes every other request."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOST = "127.0.0.1"
BUDGET = 5000
"""Milliseconds of the page's own time that pass after it was loaded: for timers, animations and refreshes."""

PATIENCE = 60
"""Seconds after which a browser that has not ended is killed."""

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

TEXT_ATTRIBUTES = frozenset({"data-note", "title"})
"""Attributes whose values are text to read; those of all others are part of a page's structure."""


class Site(NamedTuple):
    """A running server: its host and port, its pages by path, which may be added to, and what else was asked for."""

    host: str
    pages: dict[str, bytes]
    strays: list[str]


class Dom(NamedTuple):
    """What a page is made of: its tags with attributes and its title, in order, the names of these, and its text."""

    structure: tuple[str, ...]
    names: frozenset[str]
    text: str


@contextmanager
def open_site() -> Iterator[Site]:
    """Serve pages on a free port of this machine."""
    pages: dict[str, bytes] = {}
    strays: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in pages
            if not known and self.path != "/favicon.ico":
                strays.append(self.path)
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        do_POST = do_GET  # noqa: N815 (the name that http.server calls)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Site(f"{HOST}:{server.server_port}", pages, strays)
        finally:
            server.shutdown()


def find_browser() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def dump_dom(browser: str, url: str) -> str:
    """Return what a page is once the browser has loaded it and its time has passed. Raises when that fails."""
    return _run(browser, f"--virtual-time-budget={BUDGET}", "--dump-dom", url)


def visit(browser: str, url: str) -> None:
    """Open a page and leave it after a while, whatever it does; one that keeps the browser busy is given up."""
    with suppress(subprocess.TimeoutExpired):
        _run(browser, f"--timeout={BUDGET}", "--dump-dom", url)


def _run(browser: str, *arguments: str) -> str:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *OPTIONS, f"--user-data-dir={profile}", *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, text=True
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return output


def read_dom(page: str) -> Dom:
    """Return what a page, or what a browser dumped of one, is made of."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return Dom(tuple(reader.structure), frozenset(reader.names), "".join(reader.text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.structure: list[str] = []
        self.names: set[str] = set()
        self.text: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title" and "body" not in self.names  # not one of SVG
        shown = [name if name in TEXT_ATTRIBUTES else f"{name}={value}" for name, value in attrs]
        self.structure.append(" ".join([tag, *shown]))
        self.names.update([tag, *(f"{tag} {name}" for name, _ in attrs)])
        self.text += [f"\n{value}\n" for name, value in attrs if name in TEXT_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        self.structure.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self._note("comment", data)

    def unknown_decl(self, data: str) -> None:
        self._note("declaration", data)

    def handle_pi(self, data: str) -> None:
        self._note("instruction", data)

    def _note(self, kind: str, data: str) -> None:
        self.structure.append(f"{kind} {data}")
        self.names.add(kind)

    def handle_data(self, data: str) -> None:
        (self.structure if self._in_title else self.text).append(data)
