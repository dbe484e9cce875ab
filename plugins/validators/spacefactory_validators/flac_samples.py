"""The samples of a FLAC file, compared on the way with the MD5 that its header states.

A second thread takes the MD5 while the samples are measured: it costs a quarter of the time that decoding takes, and
neither holds the other up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import soundfile  # type: ignore[import-untyped]

from spacefactory_validators.checks import reject, typed

Block = np.ndarray[Any, np.dtype[np.float32]]
_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
"""of a sample; libsndfile reads no others, and float32 holds them exactly"""


def checked(stream: soundfile.SoundFile, count: int, stated: bytes) -> Iterator[Block]:
    """Blocks of float32 samples, which nobody may write to.

    Args:
        stream: a FLAC file.
        count: samples per channel in a block.
        stated: the MD5 of all samples; zeros where the encoder did not know it.

    Raises:
        RejectedError: after the last block, the MD5 is another one.
    """
    bits, digest = _BITS[stream.subtype], hashlib.md5(usedforsecurity=False)
    with ThreadPoolExecutor(1) as beside:
        taken: Future[None] | None = None
        while len(block := stream.read(count, dtype="float32", always_2d=True)):
            if taken:
                taken.result()
            if any(stated):
                taken = beside.submit(lambda part: digest.update(packed(part, bits)), block)
            yield block
    if any(stated) and digest.digest() != stated:
        raise reject(typed("audio.complete", False, "the file is not whole: its samples have another checksum"))


def packed(block: Block, bits: int) -> bytes:
    """Samples as the MD5 takes them: whole numbers, little-endian, interleaved (RFC 9639, section 8.2)."""
    numbers = np.multiply(block, np.float32(1 << (bits - 1))).astype("<i4" if bits > 16 else f"<i{bits // 8}")
    return numbers.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes() if bits > 16 else numbers.tobytes()
