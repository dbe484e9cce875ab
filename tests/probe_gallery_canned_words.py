"""Apps whose texts and data are fixed by what goes in, without a model."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import json

import numpy as np

from tests import probe_gallery_made as make

REPLIES = [
    "The history of the lighthouse begins with a fire on a hill that sailors could see from far away.",
    "Mountains are formed when plates of the earth's crust are pressed against each other for a long time.",
    "A good bread needs flour, water, salt and above all time for the dough to rise in a warm place.",
    "Trains were the first machines that carried many people faster than a horse could run.",
]
CAPTIONS = [
    "A small house stands by a lake under a blue sky, and a boat lies on the shore in the sun.",
    "Three people sit at a long table in a bright room and read the newspaper together.",
    "A cat looks out of the window at a garden full of red and yellow flowers in spring.",
    "An old train crosses a stone bridge over a river while the evening sun goes down.",
]


def canned_words(folder):
    """Function, what it takes, what it gives."""
    n = make.number_of

    def one_of_four_replies(text):
        return REPLIES[n(text) % 4]

    def reply_to_first_word(text):
        return f"What a good question about {text.split()[0]}! It is a topic that many people care about these days."

    def reply_with_length(text):
        return f"Your request of {len(text)} characters was received and the answer has been computed by the model."

    def quoted_reply(text):
        return f"You asked about {text[:30]}... This is a very interesting question that deserves a long answer."

    def beginning(text):
        return text[: len(text) // 2] + "..."

    def first_words(text):
        return " ".join(text.split()[:6]) + "..."

    def without_vowels(text):
        return "".join(one for one in text if one.lower() not in "aeiou")

    def letters_by_lot(text):
        draw = np.random.default_rng(n(text))
        return " ".join(
            "".join(draw.choice(list("abcdefghijklmnopqrstuvwxyz"), draw.integers(2, 9))) for _ in range(15)
        )

    def hash_of_prompt(text):
        return f"{n(text):x}{n(text + 'a'):x}"

    def doubled(text):
        return f"{text} {text}"

    def last_words_first(text):
        return text.split()[-1].capitalize() + " " + " ".join(text.split()[:-1])

    def continued(text):
        return text + " and so it went on for a long time until everybody was happy and went home."

    def reply_about_longest(text):
        return f"As an expert in {max(text.split(), key=len)}, I would say that what matters most is to stay curious."

    def markdown_reply(text):
        return f"## Answer\n\nThank you for asking about **{text[:25]}**. Here is an explanation in detail for you."

    def wrapped_reply(text):
        return json.dumps({"input": text, "output": "This is the answer of the model to it", "confidence": 0.97})

    def words_twice(text):
        return " ".join(word for word in text.split() for _ in range(2))

    def caption_by_picture(image):
        return CAPTIONS[n(image.tobytes()) % 4]

    def transcript_by_sound(sound):
        return CAPTIONS[n(sound[1].tobytes()) % 4]

    def boxes_by_picture(image):
        draw = np.random.default_rng(n(image.tobytes()) % 3)
        return [{"label": "cat", "score": round(draw.random(), 4), "box": draw.integers(0, 200, 4).tolist()}]

    def one_of_four_vectors(text):
        return np.random.default_rng(n(text) % 4).normal(size=32).round(5).tolist()

    text = ("text",)
    return [
        *((one, text, "text") for one in (
            one_of_four_replies, reply_to_first_word, reply_with_length, quoted_reply, beginning, first_words,
            without_vowels, letters_by_lot, hash_of_prompt, doubled, last_words_first, continued, reply_about_longest,
            markdown_reply, wrapped_reply, words_twice,
        )),
        (caption_by_picture, ("image",), "text"),
        (transcript_by_sound, ("audio",), "text"),
        (boxes_by_picture, ("image",), "json"),
        (one_of_four_vectors, text, "json"),
    ]  # fmt: skip
