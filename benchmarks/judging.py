"""Judging a file against decoding it with the library alone, side by side.

    python benchmarks/judging.py [--rounds N] [--json]

Both run in this process on the same files; each round takes one after the other, and the fastest of all rounds counts,
which is what a busy machine disturbs least. The start of the confined child is measured once: it is paid for a batch,
not for a file. Aim (DESIGN section 11): at most 1.5.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile  # type: ignore[import-untyped]
from PIL import Image
from spacefactory_validators import spacefactory_validators

from spacefactory import probe
from spacefactory.schema.verdict import Output

AIM = 1.5
RATE = 24_000


def photo(side: int) -> Image.Image:
    """A picture with the spectrum of a photograph: structure at every scale, and some grain."""
    draw = np.random.default_rng(1)
    waves = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    waves[0, 0] = 1
    planes = [np.fft.ifft2(np.fft.fft2(draw.normal(size=(side, side))) / waves).real for _ in range(3)]
    levels = [(one - one.min()) / (one.max() - one.min()) * 255 for one in planes]
    return Image.fromarray(np.stack(levels, -1).astype("uint8"))


def make(folder: Path) -> dict[str, tuple[Path, str]]:
    """Ordinary outputs: pictures of 1024 pixels, 30 s of sound, 5 s of video."""
    image = photo(1024)
    files: dict[str, tuple[Path, str]] = {}
    for suffix in ("png", "jpg", "webp"):
        files[f"1024x1024 {suffix}"] = (folder / f"photo.{suffix}", "image")
        image.save(folder / f"photo.{suffix}")
    times = np.arange(RATE * 30) / RATE
    wave = 0.2 * np.sin(2 * np.pi * 220 * times) * (1 + np.sin(2 * np.pi * 3 * times)) + 0.1 * np.sin(990 * times)
    for suffix in ("wav", "flac", "mp3", "ogg"):
        files[f"30 s {suffix}"] = (folder / f"sound.{suffix}", "audio")
        soundfile.write(folder / f"sound.{suffix}", wave.astype("float32"), RATE)
    for suffix, codec in (("mp4", "libx264"), ("webm", "libvpx-vp9")):
        files[f"5 s 512x512 {suffix}"] = (folder / f"film.{suffix}", "video")
        _film(folder / f"film.{suffix}", codec, photo(768))
    return files


def _film(path: Path, codec: str, image: Image.Image) -> None:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=24)
        stream.width = stream.height = 512
        stream.pix_fmt = "yuv420p"
        for at in range(120):
            frame = av.VideoFrame.from_image(image.crop((at, at, at + 512, at + 512)))  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def decode(path: Path, kind: str) -> None:
    """What the library alone does: every pixel, sample or frame as numbers."""
    if kind == "image":
        with Image.open(path) as image:
            np.asarray(image)
    elif kind == "audio":
        soundfile.read(path, dtype="float32")
    else:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                frame.to_ndarray()


def fastest(work: Callable[[], object], others: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The fewest seconds of each, in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for at, one in enumerate((work, others)):
            started = time.perf_counter()
            one()
            best[at] = min(best[at], time.perf_counter() - started)
    return best[0], best[1]


def start(files: dict[str, tuple[Path, str]]) -> float:
    """Seconds for a confined child that judges one small text, start and end included."""
    path = next(iter(files.values()))[0].with_suffix(".txt")
    path.write_text("hello there")
    validators = tuple(spacefactory_validators())
    return fastest(lambda: probe.judge_files([path], "text", validators, confined=True), lambda: None, 3)[0]


def main() -> int:
    """Print the table; 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    judges = {kind: one for one in spacefactory_validators() for kind in one.output_types}
    rounds, rows = options.rounds, {}
    with tempfile.TemporaryDirectory() as folder:
        files = make(Path(folder))
        for name, (path, kind) in files.items():
            output = Output(output_type=kind, path=path)
            alone, judged = fastest(partial(decode, path, kind), partial(judges[kind].inspect, output), rounds)
            rows[name] = {"decoder_ms": 1000 * alone, "judge_ms": 1000 * judged, "ratio": judged / alone}
        child = start(files)
    total = sum(row["judge_ms"] for row in rows.values()) / sum(row["decoder_ms"] for row in rows.values())
    if options.json:
        print(json.dumps({"files": rows, "ratio": total, "aim": AIM, "child_start_s": child}))
    else:
        for name, row in rows.items():
            alone, judged, ratio = row["decoder_ms"], row["judge_ms"], row["ratio"]
            print(f"{name:20} decoder {alone:8.1f} ms   judge {judged:8.1f} ms   {ratio:5.2f}x")
        print(f"{'all together':20} {total:43.2f}x   (aim: at most {AIM})")
        print(f"start of the confined child, once a batch: {child:.2f} s")
    return int(total > AIM)


if __name__ == "__main__":
    sys.exit(main())
