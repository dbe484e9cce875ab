"""Copies of inputs with a change that nobody sees or hears."""

from __future__ import annotations

from pathlib import Path

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
SOUNDS = (".wav", ".flac", ".ogg", ".mp3")
FILMS = (".mp4", ".mov", ".m4v")
LARGEST = 8 << 20
"""bytes of a file that is copied: a change is for quick apps, and a large file is none of those made here"""


def touched_text(text: str, place: int) -> str:
    """The text with a second space after one of its words, or a third; at the end where it has no spaces."""
    spaces = [at for at, character in enumerate(text) if character == " "]
    if not spaces:
        return text + " " * (place + 1)
    at = spaces[(len(spaces) // 2 + place) % len(spaces)]
    return text[:at] + " " * (1 + place // len(spaces)) + text[at:]


def touched_file(path: Path, place: int, folder: Path) -> Path:
    """A copy with another pixel, another sample or an empty box at its end; the file itself where none can be made.

    Raises:
        OSError: the folder cannot be written.
    """
    suffix = path.suffix.lower()
    made = next((make for kinds, make in MAKERS if suffix in kinds), None)
    if made is None or path.stat().st_size > LARGEST:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return made(path, place, folder / f"{path.stem}-touched-{place + 1}")
    except (ValueError, RuntimeError):  # what an example of somebody's holds need not be what its name says
        return path


def _picture(path: Path, place: int, target: Path) -> Path:
    """One pixel in the middle becomes a level darker, or lighter where it is black."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            whole = image.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None
    at = (whole.width // 2 + place) % whole.width, whole.height // 2
    red, green, blue = whole.getpixel(at)  # type: ignore[misc]  # three levels, as it is RGB
    whole.putpixel(at, tuple(level - 1 if level else 1 for level in (red, green, blue)))
    whole.save(target.with_suffix(".png"))
    return target.with_suffix(".png")


def _sound(path: Path, place: int, target: Path) -> Path:
    """One sample of 16 bits in the middle becomes a step higher or lower."""
    import soundfile  # type: ignore[import-untyped]

    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    if not len(samples):
        raise ValueError("there are no samples")
    at = (len(samples) // 2 + place) % len(samples)
    samples[at] += 1 if samples[at].max() < 0 else -1
    soundfile.write(target.with_suffix(".wav"), samples, rate, subtype="PCM_16")
    return target.with_suffix(".wav")


def _film(path: Path, place: int, target: Path) -> Path:
    """A box for free space at the end (ISO 14496-12, 8.1.2), which players skip."""
    size = 8 + place + 1
    copy = target.with_suffix(path.suffix)
    copy.write_bytes(path.read_bytes() + size.to_bytes(4, "big") + b"free" + bytes(place + 1))
    return copy


MAKERS = ((PICTURES, _picture), (SOUNDS, _sound), (FILMS, _film))
