"""Fixes of packages.txt and of files that may not be published."""

from __future__ import annotations

import re

from spacefactory.repair.fixes.files import PACKAGES, AppFiles

NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{1,60}\Z")
HOLDS = {
    "libGL": "libgl1",
    "libEGL": "libegl1",
    "libGLU": "libglu1-mesa",
    "libOpenGL": "libopengl0",
    "libgthread-2": "libglib2.0-0",
    "libglib-2": "libglib2.0-0",
    "libSM": "libsm6",
    "libICE": "libice6",
    "libXext": "libxext6",
    "libXrender": "libxrender1",
    "libX11": "libx11-6",
    "libsndfile": "libsndfile1",
    "libgomp": "libgomp1",
    "libportaudio": "libportaudio2",
    "libespeak-ng": "espeak-ng",
    "libespeak": "espeak-ng",
    "libsox": "libsox-dev",
    "libavcodec": "ffmpeg",
    "libavformat": "ffmpeg",
    "libavutil": "ffmpeg",
    "libavdevice": "ffmpeg",
    "libavfilter": "ffmpeg",
    "libcairo": "libcairo2",
    "libpango-1": "libpango-1.0-0",
    "libopenblas": "libopenblas0",
    "libmagic": "libmagic1",
    "libtesseract": "tesseract-ocr",
}
"""Beginnings of library names and the Debian package that holds them."""
RENAMED = {
    "libgl1-mesa-glx": "libgl1",
    "libgl1-mesa-dri": "libgl1",
    "libegl1-mesa": "libegl1",
    "libgles2-mesa": "libgles2",
    "libtiff5": "libtiff6",
    "libwebp6": "libwebp7",
    "libffi6": "libffi8",
    "libffi7": "libffi8",
    "espeak": "espeak-ng",
    "python-dev": "python3-dev",
}
"""Names that Debian gave up, and today's."""


def system_package(files: AppFiles, *names: str) -> bool:
    """Add Debian packages."""
    lines = [line for line in files.lines(PACKAGES) if line.strip()]
    wanted = [name for name in names if NAME.match(name) and name not in lines]
    return files.write_lines(PACKAGES, [*lines, *wanted]) if wanted else False


def library_package(files: AppFiles, library: str) -> bool:
    """Add the Debian package that holds a shared library, when it is a known one."""
    known = next((HOLDS[start] for start in sorted(HOLDS, key=len, reverse=True) if library.startswith(start)), None)
    return known is not None and system_package(files, known)


def mend_package(files: AppFiles, name: str) -> bool:
    """Today's name of a Debian package; one that is not known is left out."""
    lines = [line for line in files.lines(PACKAGES) if line.strip()]
    today = [RENAMED.get(name, "") if line.strip() == name else line for line in lines]
    return files.write_lines(PACKAGES, list(dict.fromkeys(line for line in today if line)))


def remove_file(files: AppFiles, name: str) -> bool:
    """Leave a file out that may not be published."""
    return name not in ("app.py", "README.md", "requirements.txt", "") and ".." not in name and files.remove(name)
