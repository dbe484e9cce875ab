"""Texts to try a model with, by task: short, clearly different from each other, and written for this project.

The texts of one task differ in what its models look at, such as the mood for a classifier, so that an honest model
cannot well answer them all alike.
"""

from __future__ import annotations

from collections.abc import Mapping

Fields = Mapping[str, str]
"""Texts of one call: `text` is the main one; other keys are names of parameters that a task usually has."""


def _texts(*texts: str) -> tuple[Fields, ...]:
    return tuple({"text": one} for one in texts)


MOODS = _texts(
    "What a wonderful evening: the food was delicious and everyone was so kind to us!",
    "The parcel came two weeks late, the glass was broken, and nobody answers my letters.",
    "The library opens at nine on Mondays and closes at six.",
)
PROMPTS = _texts(
    "Once upon a time, a small robot lived by the sea and",
    "The three most important rules for baking good bread are",
    "Explain in two sentences why the sky is blue.",
)
PICTURES = _texts(
    "a red wooden boat on a calm blue lake in the morning, mountains behind it",
    "a bowl of green apples on a yellow table next to a window",
    "a snowy street at night with warm light in the windows",
)
SPOKEN = _texts(
    "Good morning. The train to the coast leaves in ten minutes.",
    "Seven swans swam slowly across the silver lake, and nobody said a word.",
    "Please write down this number: four, eight, two.",
)
SOUNDS = _texts(
    "Rain falls on a tin roof while a dog barks far away.",
    "A slow waltz on a piano.",
    "A crowd cheers as a train with a steam whistle comes into the station.",
)
NAMES = _texts(
    "Marie Curie moved from Warsaw to Paris and later worked at the Sorbonne.",
    "In March, Toyota will open a new office in Nairobi, says Amina Yusuf.",
    "The Danube flows through Vienna and Budapest.",
)
LONG = _texts(
    "The town council met on Tuesday to talk about the old bridge. Engineers had found cracks in two of its pillars, "
    "and lorries have not been allowed to cross it since May. A new bridge would cost nine million and take three "
    "years. Repairing the old one would cost four million, but it would have to be closed for a year. After two hours "
    "of debate the council voted for the repair.",
    "Honey bees tell each other where flowers are by dancing. A bee that comes home from a good field runs in the "
    "shape of an eight on the comb. The direction of the middle line shows the way in relation to the sun, and the "
    "length of the dance shows how far it is. Other bees follow the dancer in the dark hive and then fly there.",
    "The old observatory on the hill will be opened to visitors next spring. Its telescope was built in 1889 and had "
    "not been used for thirty years. A group of pupils cleaned the lenses, a carpenter repaired the dome, and the "
    "university lends a clock that drives the mount. On clear nights, forty people at a time may look at Saturn.",
)
PLAIN = _texts(
    "The weather is nice today, so we are going to the park with the children.",
    "Could you please tell me where the nearest pharmacy is?",
    "My brother bought a used bicycle last week.",
)
QUESTIONS: tuple[Fields, ...] = (
    {
        "text": "Who designed the tower?",
        "question": "Who designed the tower?",
        "context": "The tower of Linden was designed by Greta Holm and finished in 1911. It is 62 metres high.",
    },
    {
        "text": "How long is the river?",
        "question": "How long is the river?",
        "context": "The Alder is a river in the north. It is 240 kilometres long and ends in a large lake.",
    },
)
CLASSES: tuple[Fields, ...] = tuple(
    {"text": one, "classes": "sport, cooking, politics", "candidate_labels": "sport, cooking, politics"}
    for one in (
        "The striker scored twice in the last ten minutes and won the cup for her team.",
        "Fry the onions gently, then add the rice and two cups of stock.",
        "Parliament will vote on the new tax law on Thursday.",
    )
)
SIMILAR: tuple[Fields, ...] = (
    {"text": "A cat sleeps on the sofa.", "others": "A kitten naps on the couch.\nThe stock market fell today."},
    {"text": "How do I boil an egg?", "others": "Cooking eggs in hot water\nThe history of the railway"},
    {"text": "The moon is full tonight.", "others": "It is a bright night.\nShe repaired the car."},
)
RANKED: tuple[Fields, ...] = (
    {
        "text": "How can I keep bread fresh?",
        "query": "How can I keep bread fresh?",
        "passages": "Bread stays fresh in a linen bag.\nTrains run every hour.\nFreeze sliced bread in portions.",
    },
    {
        "text": "When was the lighthouse built?",
        "query": "When was the lighthouse built?",
        "passages": "The lighthouse dates from 1857.\nGulls nest on the cliff.\nThe keeper had two dogs.",
    },
)
GAPS = (
    "The capital of France is {}.",
    "She drank a cup of {} with milk and sugar.",
    "In winter it is very {} outside.",
)

BY_TASK: Mapping[str, tuple[Fields, ...]] = {
    "text-classification": MOODS,
    "zero-shot-classification": CLASSES,
    "zero-shot-image-classification": tuple(
        {"text": one, "classes": one, "candidate_labels": one} for one in ("house, fruit, abstract pattern",)
    ),
    "token-classification": NAMES,
    "question-answering": QUESTIONS,
    "document-question-answering": _texts("What is written at the top?", "How many words are there?"),
    "visual-question-answering": _texts("What colour is the sky?", "How many things are there?"),
    "image-text-to-text": _texts("Describe this picture.", "Which colours do you see?"),
    "text-generation": PROMPTS,
    "summarization": LONG,
    "translation": PLAIN,
    "text2text-generation": PLAIN,
    "text-to-image": PICTURES,
    "text-to-video": PICTURES,
    "text-to-3d": PICTURES,
    "image-to-image": PICTURES,
    "image-to-video": PICTURES,
    "text-to-speech": SPOKEN,
    "text-to-audio": SOUNDS,
    "feature-extraction": SIMILAR,
    "sentence-similarity": SIMILAR,
    "text-ranking": RANKED,
}


def texts(task: str | None, mask: str = "[MASK]") -> tuple[Fields, ...]:
    """Texts for a task, at least one; for an unknown task such that make a prompt, a question and a plain sentence.

    Args:
        task: pipeline tag of the Hub.
        mask: what marks the gap for models that fill one.
    """
    if task == "fill-mask":
        return _texts(*(gap.format(mask) for gap in GAPS))
    return BY_TASK.get(task or "", MOODS)


FREE = (MOODS, PROMPTS, PICTURES, SPOKEN, SOUNDS, PLAIN, LONG)
"""Texts of tasks that take a text of any kind; questions, gaps and lists must fit what else goes in."""


FOREIGN = _texts(
    "Am Abend sitzen die Kinder im Garten und essen Brot mit Honig.",
    "Le petit chat dort sur la table et la porte reste ouverte.",
)
"""For apps of which nothing is known: the languages are what differs most between texts. They are German and French
without accents, because apps that read ASCII alone are honest, too."""


def more_texts(task: str | None, mask: str = "[MASK]") -> tuple[Fields, ...]:
    """The texts for a task, then, where it takes a text of any kind, short ones for other tasks and languages.

    Args:
        task: pipeline tag of the Hub.
        mask: what marks the gap for models that fill one.
    """
    own = texts(task, mask)
    others = [one for kind in FREE if kind not in (own, LONG) for one in kind] if own in FREE else []
    if task is None:
        others = [*others[:4], *FOREIGN, *others[4:]]  # late: a small English model answers both alike
    return (*own, *others)
