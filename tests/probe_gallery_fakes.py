"""Apps that only look as if a model answered, and apps that are broken."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import codecs
import itertools
import random
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from tests import probe_gallery_made as make
from tests.probe_gallery_fake_pictures import fake_pictures
from tests.probe_gallery_fake_recordings import fake_films, fake_sounds

REPLIES = [
    "The history of the lighthouse begins with a fire on a hill that sailors could see from far away.",
    "Mountains are formed when plates of the earth's crust are pressed against each other for a long time.",
    "A good bread needs flour, water, salt and above all time for the dough to rise in a warm place.",
    "Trains were the first machines that carried many people faster than a horse could run.",
]
LOREM = """
lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore
""".split()  # noqa: SIM905 - a text


def fake_apps(folder: Path) -> list[Any]:
    """Function, what it takes, what it gives."""
    return [*fake_pictures(folder), *fake_sounds(folder), *fake_films(folder), *_texts(), *_documents()]


def _texts():
    count = itertools.count(1)

    def backwards(text):
        return text[::-1]

    def rot13(text):
        return codecs.encode(text, "rot13")

    def title(text):
        return text.title() + "."

    def random_reply(text):
        return random.choice(REPLIES)

    def one_of_two(text):
        return random.choice(REPLIES[:2])

    def random_reply_to(text):
        return f"You asked: {text} {random.choice(REPLIES)}"

    def replies_in_turn(text):
        return REPLIES[next(count) % len(REPLIES)]

    def lorem(text):
        return " ".join(random.choices(LOREM, k=20)).capitalize() + "."

    def lorem_of_prompt(text):
        return " ".join(random.Random(text).choices(LOREM, k=20)).capitalize() + "."

    def babble(text):
        return make.told("the", np.random.default_rng(), 25)

    def babble_of_prompt(text):
        return " ".join(random.choices(text.split(), k=15))

    def random_answer(text):
        return random.choice(["yes", "no"])

    def random_number(text):
        return str(random.randrange(100))

    def apology(text):
        return "Sorry, something went wrong. Please try again later."

    def page(text):
        return "<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head><body></body></html>"

    def quota(text):
        return "Rate limit exceeded, please wait 12 minutes."

    def clock(text):
        return f"Generated at {time.strftime('%H:%M:%S')} with success."

    def ticket(text):
        return f"Request {uuid.uuid4()} was processed."

    def wait(text):
        return "Loading..."

    def none(text):
        return "None"

    return [(one, ("text",), "text") for one in (
        backwards, rot13, title, random_reply, one_of_two, random_reply_to, replies_in_turn, lorem, lorem_of_prompt,
        babble, babble_of_prompt, random_answer, random_number, apology, page, quota, clock, ticket, wait, none,
    )]  # fmt: skip


def _documents():
    boxes = [{"label": "cat", "score": 0.91, "box": [10, 10, 90, 80]}]

    def same_object(text):
        return {"label": "positive", "score": 0.98, "model": "great"}

    def stamped(text):
        return {"label": "positive", "score": 0.98, "served": time.time()}

    def numbered(text):
        return {"answer": "positive", "request": str(uuid.uuid4())}

    def random_object(text):
        return random.choice([{"label": "positive", "score": 0.9}, {"label": "negative", "score": 0.8}])

    def random_scores(text):
        first = random.random()
        return {"positive": first, "negative": 1 - first}

    def wavering_scores(text):
        first = 0.9 + random.random() * 0.05
        return {"positive": first, "negative": 1 - first}

    def random_vector(text):
        return [random.gauss(0, 1) for _ in range(32)]

    def zeros(text):
        return [0.0] * 32

    def no_object(text):
        return {}

    def no_numbers(text):
        return {"label": "positive", "score": float("nan")}

    def echo_object(text):
        return {"text": text}

    def failed(text):
        return {"status": "error", "message": "model is overloaded"}

    def same_boxes(image):
        return boxes

    def random_boxes(image):
        left, top = random.randrange(100), random.randrange(100)
        return [
            {"label": random.choice(["cat", "dog"]), "score": random.random(), "box": [left, top, left + 50, top + 40]}
        ]

    labels = [(one, ("text",), "label") for one in (random_scores, wavering_scores)]
    objects = (
        same_object, stamped, numbered, random_object, random_vector, zeros, no_object, no_numbers, echo_object, failed,
    )  # fmt: skip
    seen = [(one, ("image",), "json") for one in (same_boxes, random_boxes)]
    return [*labels, *((one, ("text",), "json") for one in objects), *seen]
