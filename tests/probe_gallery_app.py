"""One Gradio app with many endpoints, honest ones and others: `python probe_gallery_app.py PORT FOLDER [GALLERY KIND]`.

With a gallery and a kind of answer, it has the apps of it that give that; without them, the endpoints of this file.
"""

# mypy: ignore-errors
# an app as its authors write them, without types

from __future__ import annotations

import hashlib
import io
import os
import random
import sys
import time
import wave
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.probe_gallery import JUDGED
from tests.probe_gallery_canned import canned_apps
from tests.probe_gallery_fakes import fake_apps
from tests.probe_gallery_honest import honest_apps
from tests.probe_gallery_made import number_of, spoken, texture

PORT, FOLDER, CHOSEN = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
GALLERIES = {"honest": honest_apps, "fake": fake_apps, "canned": canned_apps}
RATE = 16_000


def edges(image):
    return image.filter(ImageFilter.FIND_EDGES)


def echo_image(image):
    return image


def black(image):
    return Image.new("RGB", image.size)


def noise(prompt, seed=0):
    draw = np.random.default_rng(int(hashlib.sha256(prompt.encode()).hexdigest()[:8], 16) + int(seed))
    return Image.fromarray(draw.integers(0, 256, (256, 256, 3), dtype="uint8"))


def canned_image(prompt):
    return Image.linear_gradient("L").resize((200, 200))


def page_as_png(prompt):
    path = FOLDER / "answer.png"
    path.write_text("<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>")
    return str(path)


def upper(text):
    return text.upper()


def echo(text):
    return text


def framed(text):
    return f"You said: {text}"


def canned(text):
    return "This is a long answer that has nothing to do with what was asked."


def yes(text):
    return "yes"


def shuffled_words(text):
    words = text.split()
    random.shuffle(words)
    return " ".join(words)


def nothing(text):
    return None


def empty(text):
    return "   "


def loop(text):
    return "the " * 40


def traceback(text):
    return 'Traceback (most recent call last):\n  File "app.py", line 3, in generate\nRuntimeError: CUDA out of memory'


def label(image):
    bright = float(np.asarray(image.convert("L")).mean() / 255)
    return {"bright": bright, "dark": 1 - bright}


def random_label(image):
    first = random.random()
    return {"cat": first, "dog": 1 - first}


def even_label(image):
    return {"cat": 0.5, "dog": 0.5}


def mood(text):
    good = sum(text.lower().count(word) for word in ("wonderful", "kind", "delicious"))
    return {"label": "good" if good else "bad", "score": 0.5 + 0.5 * good / (1 + good), "length": len(text)}


def error_object(text):
    return {"error": "model is not loaded"}


def stream(prompt):
    words = prompt.split()
    for size in range(1, len(words) + 1):
        yield " ".join(f"{len(word)}{word[-1]}" for word in words[:size])


def endless(prompt):
    while True:
        yield prompt[::-1]
        time.sleep(0.02)


def raises(text):
    raise ValueError("no such thing")


def raises_for_people(text):
    raise gr.Error("Please write less.")


def slow(text):
    time.sleep(60)
    return text[::-1]


def tone(text):
    times = np.arange(RATE) / RATE
    letters = [ord(one) % 24 for one in text[:12]]
    notes = [np.sin(2 * np.pi * 220 * 2 ** (one / 12) * times[: RATE // 4]) for one in letters]
    return RATE, (np.concatenate(notes) * 12_000).astype("int16")


def silence(text):
    return RATE, np.zeros(RATE, "int16")


def pictures(prompt):
    return [(texture(number_of(prompt) + at), f"picture {at}") for at in range(3)]


def with_seed(text, seed=7):
    return text[::-1] + f" {int(seed)}", int(seed)


def counted(history):
    return (history or 0) + 1


def remember(text, memory):
    memory = [*(memory or []), text]
    return f"{len(memory)} texts, the last one backwards is {text[::-1]}", memory


def sound_file(text):
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(spoken(text)[1].tobytes())
    path = FOLDER / f"{hashlib.sha256(text.encode()).hexdigest()}.wav"
    path.write_bytes(data.getvalue())
    return str(path)


def many_files(text):
    found = []
    for at in range(60):
        path = FOLDER / f"{hashlib.sha256(f'{at}{text}'.encode()).hexdigest()}.txt"
        path.write_text(f"{at}: {text[::-1]}")
        found.append(str(path))
    return found


def update(text):
    return gr.update(value=f"{len(text)} letters, the last is {text[-2:]}")


def detect(image):
    box = image.convert("L").point(lambda level: 255 if level > 128 else 0).resize((64, 64)).getbbox()
    return [{"label": "bright", "score": 0.5 + np.asarray(image).mean() / 1000, "box": box}]


def find_nothing(image):
    return []


def talk(message, history):
    return f"I count {len(message.split())} words, {message.count('e')} times an e, after {len(history)} turns."


def chat_turns(message, history):
    return [
        *(history or []),
        {"role": "user", "content": message},
        {"role": "assistant", "content": f"{message[::-1]}, backwards, has {len(message)} letters"},
    ]


def multimodal(message):
    return f"{len(message['text'])} letters and {len(message['files'])} files"


def noise_again(seed=0):
    return noise("", seed)


def draw(seed=0):
    return texture(int(seed))


def table(frame):
    return frame.describe().reset_index()


def read_nothing(image):
    return ""


def die(text):
    os._exit(9)


def health() -> dict:
    return {"model": "gallery", "parameters": 1000, "device": "cpu"}


ENDPOINTS = {
    edges: ([gr.Image(type="pil")], gr.Image()),
    echo_image: ([gr.Image(type="pil")], gr.Image()),
    black: ([gr.Image(type="pil")], gr.Image()),
    noise: ([gr.Textbox(), gr.Number(value=0, label="Seed", precision=0)], gr.Image()),
    canned_image: ([gr.Textbox()], gr.Image()),
    page_as_png: ([gr.Textbox()], gr.Image(type="filepath")),
    upper: ([gr.Textbox()], gr.Textbox()),
    echo: ([gr.Textbox()], gr.Textbox()),
    framed: ([gr.Textbox()], gr.Markdown()),
    canned: ([gr.Textbox()], gr.Textbox()),
    yes: ([gr.Textbox()], gr.Textbox()),
    shuffled_words: ([gr.Textbox()], gr.Textbox()),
    nothing: ([gr.Textbox()], gr.Textbox()),
    empty: ([gr.Textbox()], gr.Textbox()),
    loop: ([gr.Textbox()], gr.Textbox()),
    traceback: ([gr.Textbox()], gr.Textbox()),
    label: ([gr.Image(type="pil")], gr.Label()),
    random_label: ([gr.Image(type="pil")], gr.Label()),
    even_label: ([gr.Image(type="pil")], gr.Label()),
    mood: ([gr.Textbox()], gr.JSON()),
    error_object: ([gr.Textbox()], gr.JSON()),
    stream: ([gr.Textbox()], gr.Textbox()),
    endless: ([gr.Textbox()], gr.Textbox()),
    raises: ([gr.Textbox()], gr.Textbox()),
    raises_for_people: ([gr.Textbox()], gr.Textbox()),
    slow: ([gr.Textbox()], gr.Textbox()),
    die: ([gr.Textbox()], gr.Textbox()),
    tone: ([gr.Textbox()], gr.Audio()),
    silence: ([gr.Textbox()], gr.Audio()),
    pictures: ([gr.Textbox()], gr.Gallery()),
    sound_file: ([gr.Textbox()], gr.File()),
    many_files: ([gr.Textbox()], gr.File(file_count="multiple")),
    update: ([gr.Textbox()], gr.Textbox()),
    detect: ([gr.Image(type="pil")], gr.JSON()),
    find_nothing: ([gr.Image(type="pil")], gr.JSON()),
    chat_turns: ([gr.Textbox(), gr.Chatbot()], gr.Chatbot()),
    multimodal: ([gr.MultimodalTextbox()], gr.Textbox()),
    draw: ([gr.Number(value=0, label="Seed", precision=0)], gr.Image()),
    table: ([gr.Dataframe(value=[[1, 2]], headers=["a", "b"])], gr.Dataframe()),
    read_nothing: ([gr.Image(type="pil")], gr.Textbox()),
}

PARTS = {
    "text": gr.Textbox,
    "image": lambda: gr.Image(type="pil"),
    "audio": gr.Audio,
    "video": gr.Video,
    "seed": lambda: gr.Number(value=0, label="Seed", precision=0),
    "number": gr.Number,
    "json": gr.JSON,
    "label": gr.Label,
}


def answer_one_kind(gallery, kind):
    for function, takes, gives in GALLERIES[gallery](FOLDER):
        if JUDGED.get(gives, gives) != kind:
            continue
        parts = [PARTS[one]() for one in takes]
        out = gr.Image(type="filepath") if gives == "image" else PARTS[gives]()
        gr.Button().click(function, inputs=parts, outputs=out, api_name=function.__name__)


def answer_in_all_ways():
    for function, (inputs, output) in ENDPOINTS.items():
        for one in (*inputs, output):
            one.render() if one.parent is None else None
        gr.Button().click(function, inputs=inputs, outputs=output, api_name=function.__name__)
    number, seed = gr.Number(), gr.Textbox()
    gr.Button().click(
        with_seed, inputs=[gr.Textbox(), gr.Number(value=7, label="Seed")], outputs=[seed, number], api_name="with_seed"
    )
    state = gr.State()
    gr.Button().click(remember, inputs=[gr.Textbox(), state], outputs=[gr.Textbox(), state], api_name="remember")
    gr.ChatInterface(talk, api_name="talk")


with gr.Blocks() as demo:  # Gradio makes each caller's session out of all parts, so fewer parts are faster calls
    answer_one_kind(*CHOSEN) if CHOSEN else answer_in_all_ways()
    gr.api(health, api_name="health")

if __name__ == "__main__":
    demo.launch(server_name="127.0.0.1", server_port=PORT, quiet=True, allowed_paths=[str(FOLDER)])
