"""A model file of some kilobytes that has every part of a large one, pair model included, for campaigns to damage."""

from dataclasses import replace
from itertools import permutations, product

from stance.labels import Label
from stance.lexicon import Lexicon
from stance.training import Example, Settings, train

LEXICON = """
[accuse]
polarity = -1
entries = ["accus*", "blam*"]
[agree]
polarity = 1
entries = ["agreed", "sign* a pact"]
[place]
polarity = 0
mask = true
entries = ["chad", "peru"]
[refuse]
polarity = -1
flips = "either"
entries = ["refus*"]
"""
"""Small, since reading the lexicon is most of the time that loading a small model takes."""

SENTENCES = ("Chad blamed Peru.", "")
"""What a model that was loaded is asked: little, since it is asked millions of times."""

INFORMATION = {"seed": 0, "data": {"sources": ["campaigns"], "validation": None}}
"""Instead of what training writes down, which nothing checks but that it is an object."""

_COOPERATIVE, _ADVERSARIAL, _NEUTRAL = (str(label) for label in Label)
_TIMES = ("", " today", " late", " again")
_NAMES = ("Chad", "Peru", "Cuba", "Laos")
_ACTS = (
    ("{a} accused {b}{t}", _ADVERSARIAL, "ACCUSE"),
    ("{a} refused to see {b}{t}", _ADVERSARIAL, "REJECT"),
    ("{b} was accused by {a}{t}", _ADVERSARIAL, "ACCUSE"),
    ("{b} was refused by {a}{t}", _ADVERSARIAL, "REJECT"),
    ("{a} agreed with {b}{t}", _COOPERATIVE, "AGREE"),
    ("{a} helped {b}{t}", _COOPERATIVE, "AID"),
    ("{b} was thanked by {a}{t}", _COOPERATIVE, "AGREE"),
    ("{b} was helped by {a}{t}", _COOPERATIVE, "AID"),
    ("{a} lies near {b}{t}", _NEUTRAL, None),
    ("{a} borders {b}{t}", _NEUTRAL, None),
)


def make_small_model() -> bytes:
    """Return the content of a small model file, the same at each call; training it takes some seconds."""
    rows = product(_ACTS, permutations(_NAMES, 2), _TIMES)
    examples = [
        Example(act.format(a=a, b=b, t=time), label, event, source=a, target=b)
        for (act, label, event), (a, b), time in rows
    ]
    settings = Settings(min_count=20, max_terms=60, folds=2)
    model = train(examples, lexicon=Lexicon(LEXICON), settings=settings, curve=False).model
    return replace(model, information=INFORMATION).to_bytes()
