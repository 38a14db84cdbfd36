"""Tables and texts in many encodings: read right, or refused with file and line; and cells that no spreadsheet runs.

`python -m campaigns.encodings` writes random texts of several scripts as CSV, TSV, JSON Lines, lines and documents, in
each encoding, and damages some (cut, mixed, bytes changed). What comes back must be the text that went in, or a
DataError that names file and line; never another text, unless the bytes are UTF-8 as they stand (7-bit encodings
without a mark cannot be told from it; they are counted). Then it sends cells that begin as formulas do through
everything that writes CSV or TSV.
"""

import argparse
import csv
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from campaigns.cells import looks_like_a_formula, quoted_rows, read_cell
from stance.cli.records import tab_line, text_cell
from stance.cli.timeline import to_csv
from stance.dated import read_dated_documents
from stance.errors import DataError
from stance.prediction import Prediction
from stance.reading import open_input, read_document, read_lines
from stance.timeline import Dyad, Period, Series, Timeline, TimelinePoint
from stance.training.data import read_examples

SCRIPTS = {
    "west": "Élysée naïve Zürich señor garçon über Ågård ",
    "east": "Łódź Čad Şişli İzmir Győr Țară ",
    "cyrillic": "Кремль Київ переговоры подписали ",
    "greek": "Αθήνα συμφωνία ",
    "japanese": "東京外務省は会談を行った カタカナ ",
    "chinese": "北京上海外交部会谈协议 ",
    "taiwan": "臺北外交部會談協議 ",
    "korean": "서울 외교부 회담 ",
    "arabic": "القاهرة اتفاق ",
    "astral": "🕊️ 𝔭𝔢𝔞𝔠𝔢 🇺🇳 𠀋 ",
}
_WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
ENCODINGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("utf-8", "utf-8-sig", *_WIDE, "gb18030", "utf-7", "utf-7 with mark", "cesu-8"), tuple(SCRIPTS)),
    **dict.fromkeys(("latin-1", "cp1252", "mac-roman", "cp850", "cp437", "cp500"), ("west",)),
    **dict.fromkeys(("iso8859-2", "cp1250", "iso8859-16"), ("east",)),
    **dict.fromkeys(("cp1251", "koi8-r", "iso8859-5", "cp866"), ("cyrillic",)),
    **dict.fromkeys(("iso8859-7",), ("greek",)),
    **dict.fromkeys(("shift_jis", "euc-jp", "iso2022_jp"), ("japanese",)),
    **dict.fromkeys(("gbk", "hz"), ("chinese",)),
    **dict.fromkeys(("big5",), ("taiwan",)),
    **dict.fromkeys(("euc-kr", "cp949", "iso2022_kr"), ("korean",)),
    **dict.fromkeys(("cp1256", "iso8859-6"), ("arabic",)),
}
"""The encodings, with the scripts that they have."""

SEVEN_BITS = ("utf-7", "hz")
"""Those whose bytes are ASCII, and so UTF-8, without a mark or an escape sequence."""

KINDS = ("csv", "tsv", "jsonl", "dated csv", "dated tsv", "dated jsonl", "lines", "document")
DAMAGES = ("none", "none", "cut", "mixed", "byte", "NUL")
_BAD_UTF8 = (
    *(b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc1\x81"),  # longer than need be
    *(b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb5\x8a", b"\xed\xbf\xbf"),  # surrogates
    *(
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xff",
        b"\xfe",
        b"\x80",
    ),  # beyond Unicode, never, without a start
    *(b"\xe2\x82", b"\xf0\x9f\x95", b"\xc3"),  # cut
)


def make_texts(encoding: str, chosen: random.Random) -> list[str]:
    """Return texts that an encoding has, with no white space around them and nothing that tables would quote."""
    words = [*"".join(SCRIPTS[script] for script in ENCODINGS[encoding]).split(), "talks", "the", "in"]
    texts = [" ".join(chosen.choices(words, k=chosen.randint(3, 9))) for _ in range(chosen.randint(2, 6))]
    return [_keep(text, encoding) for text in texts]


def _keep(text: str, encoding: str) -> str:
    """Return what an encoding has of a text."""
    if encoding in ("cesu-8", "utf-7 with mark"):
        return text
    return "".join(each for each in text if _has(encoding, each)).strip() or "talks"


def _has(encoding: str, character: str) -> bool:
    try:
        return character.encode(encoding).decode(encoding) == character
    except UnicodeError:
        return False


def encode(text: str, encoding: str) -> bytes:
    """Return a text in an encoding, also those that Python has no name for."""
    if encoding == "utf-7 with mark":
        return ("\ufeff" + text).encode("utf-7")
    if encoding == "cesu-8":  # each half of a surrogate pair on its own
        pairs = text.encode("utf-16-be", "surrogatepass")
        halves = [chr(int.from_bytes(pairs[at : at + 2])) for at in range(0, len(pairs), 2)]
        return "".join(halves).encode("utf-8", "surrogatepass")
    return text.encode(encoding)


def write_table(kind: str, texts: Sequence[str]) -> str:
    """Return the content of a file of a kind that holds the texts."""
    if kind in ("lines", "document"):
        return "\n".join(texts)
    value = ("date", "2024-05-31") if kind.startswith("dated") else ("label", "calm")
    if kind.endswith("jsonl"):
        return "".join(json.dumps({"text": text, value[0]: value[1]}, ensure_ascii=False) + "\n" for text in texts)
    content = io.StringIO()
    delimiter = "\t" if kind.endswith("tsv") else ","
    csv.writer(content, delimiter=delimiter, lineterminator="\n").writerows(
        [("text", value[0]), *((text, value[1]) for text in texts)]
    )
    return content.getvalue()


def read_table(kind: str, path: Path) -> list[str]:
    """Return the texts of a file as stance reads them."""
    if kind in ("lines", "document"):
        with open_input(str(path)) as stream:
            if kind == "document":
                return read_document(stream, str(path)).split("\n")
            return [line for lines in read_lines(stream, str(path)) for line in lines]
    reader: Callable[[Path], Iterable[object]] = read_dated_documents if kind.startswith("dated") else read_examples
    return [each.text for each in reader(path)]  # type: ignore[attr-defined]


def damage(content: bytes, how: str, chosen: random.Random) -> bytes:
    """Return the bytes of a file, damaged."""
    at = chosen.randrange(len(content))
    if how == "cut":
        return content[:at]
    if how == "NUL":
        return content[:at] + b"\0" + content[at:]
    if how == "byte":
        return content[:at] + bytes([chosen.randrange(256)]) + content[at + 1 :]
    if how == "mixed":
        return content[:at] + chosen.choice(_BAD_UTF8) + content[at:]
    return content


def judge(kind: str, content: bytes, expected: Sequence[str] | None, folder: Path) -> str:
    """Write a file, read it, and return right, refused, ambiguous (the bytes are UTF-8 as they stand) or wrong."""
    path = folder / f"in.{kind.split()[-1]}"
    path.write_bytes(content)
    try:
        found = read_table(kind, path)
    except DataError as error:
        named = str(error).startswith((f"{path}, line ", f"{path}: no ", f"{path}: cannot tell"))
        return "refused" if named and "\ufffd" not in str(error) else f"wrong: unclear: {error}"
    if expected is not None and found == list(expected):
        return "right"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"wrong: read as {found!r}"
    return "ambiguous" if found == reread(kind, text) else f"wrong: read as {found!r}, not {reread(kind, text)!r}"


def reread(kind: str, text: str) -> list[str]:
    """Return the texts of the content of a file, read in another way than stance does."""
    if kind == "document":
        return text.split("\n")
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []
    if kind == "lines":
        return lines
    if kind.endswith("csv"):
        return [row[0] for row in list(csv.reader(io.StringIO(text, newline="")))[1:] if row]
    if kind.endswith("jsonl"):
        return [json.loads(line)["text"] for line in lines if line.strip()]
    return [line.split("\t")[0] for line in lines[1:] if line.strip()]


def try_encodings(count: int, seconds: float, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Try so many files and return the outcomes by encoding, and what was wrong."""
    chosen, begun = random.Random(seed), time.monotonic()
    counts, wrong = Counter[str](), list[str]()
    names = list(ENCODINGS)
    for number in range(count):
        if time.monotonic() - begun > seconds:
            break
        encoding, kind = names[number % len(names)], chosen.choice(KINDS)
        how = chosen.choice(DAMAGES)
        texts = make_texts(encoding, chosen)
        content = damage(encode(write_table(kind, texts), encoding), how, chosen)
        outcome = judge(kind, content, texts if how == "none" else None, folder)
        whole = how == "none"
        if whole and encoding in ("utf-8", "utf-8-sig") and outcome != "right":
            outcome = f"wrong: UTF-8 is {outcome}"
        if whole and outcome == "ambiguous" and encoding not in SEVEN_BITS:
            outcome = "by chance UTF-8"
        counts[f"{encoding}{'' if whole else ', damaged'}: {outcome.split(':')[0]}"] += 1
        if outcome.startswith("wrong"):
            wrong.append(f"{encoding} {kind} {how} {content!r}: {outcome}")
    return counts, wrong


def make_cell(chosen: random.Random) -> str:
    """Return a text that a spreadsheet may take for a formula, a quoted cell or several cells."""
    return "".join(chosen.choices("=+-@\t\r\n\"' \\,;|aé1＝＋－＠\u00a0\u2028", k=chosen.randint(0, 6)))


def find_formula(cell: str) -> str:
    """Say how a text that is written as a cell of tabs or commas comes out wrong, "" if it does not."""
    prediction = Prediction(cell, {cell: 1.0, "another label": 0.0}, -0.5, cell or None, 3)
    line = tab_line(cell, prediction)
    point = TimelinePoint("2024", -0.5, -1.0, 0.0, 1.0, 1, 1)
    dyad = Dyad(cell, "B", directed=True)
    table = to_csv(Timeline(Period.YEAR, (Series(dyad, (point,)),), 1, 0))
    plain = [*line.removesuffix("\n").split("\t")]
    rows = {"tabs": [plain], "quoted tabs": quoted_rows(line, "\t"), "commas": quoted_rows(table, ",")[1:]}
    for name, found in rows.items():
        if len(found) != 1:
            return f"{name}: {len(found)} rows of {cell!r}"
        for place, each in enumerate(found[0]):
            if looks_like_a_formula(each) and each not in ("-0.500000", "-0.5000", "-1.0000"):
                return f"{name}: cell {place} of {cell!r} is {each!r}"
    texts = [plain[0], plain[1], plain[-1], rows["quoted tabs"][0][-1]]
    if [read_cell(each) for each in texts] != [cell] * 4 or read_cell(rows["commas"][0][0]) != str(dyad):
        return f"{cell!r} does not read back"
    return "" if read_cell(text_cell(cell)) == cell else f"{cell!r} does not read back"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if nothing was read or written wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="files to read, and cells to write")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="read no other file after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="stance-encodings-") as folder:
        counts, wrong = try_encodings(options.count, options.seconds, options.seed, Path(folder))
    chosen = random.Random(options.seed)
    wrong += [problem for _ in range(options.count) if (problem := find_formula(make_cell(chosen)))]
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count:,}")
    for problem in wrong[:20]:
        print(problem)
    print(f"{len(ENCODINGS)} encodings, {counts.total():,} files, {options.count:,} cells, {len(wrong)} failures")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
