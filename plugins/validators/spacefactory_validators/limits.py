"""How much a validator decodes. An output beyond a limit "could not be checked": too large is not a fault.

The figures bound the decoding child to about 1 GiB of memory and 20 s a file.
"""

from __future__ import annotations

MEDIA_BYTES = 64 << 20
"""largest media file that is opened; the same cap that the probe puts on downloads"""
TEXT_BYTES = 1 << 20
"""largest text; a megabyte is a thick book"""
JSON_BYTES = 16 << 20
"""largest JSON document; a thousand embeddings of 1,024 numbers"""
JSON_DEPTH = 100
"""deepest nesting that is walked; real answers have less than ten levels, Python's own parser stops near 1,000"""

IMAGE_PIXELS = 32_000_000
"""pixels of one frame: 128 MB as RGBA. Pillow's own limit raises only above 179 million, 0.7 GB"""
IMAGE_FRAMES = 100
"""frames of an animated picture"""
IMAGE_TOTAL_PIXELS = 8 * IMAGE_PIXELS
"""pixels of all frames together, about 3 s of decoding"""
IMAGE_PIXELS_PER_BYTE = 10_000
"""a file that claims more pixels per byte than this lies: deflate packs at most 1,032 bytes into one, that is 8,256
one-bit pixels"""

AUDIO_SECONDS = 3600
"""longest sound"""
AUDIO_SAMPLES = 400_000_000
"""samples over all channels: an hour of stereo at 48 kHz"""
AUDIO_RATES = (8_000, 192_000)
"""samples per second, from telephone to studio"""
AUDIO_CHANNELS = 8
"""7.1 surround"""
AUDIO_SHORTEST = 0.05
"""seconds; shorter than the shortest syllable or note"""

VIDEO_SECONDS = 120
"""longest video"""
VIDEO_FRAMES = 3600
"""frames: a minute at 60 a second"""
VIDEO_PIXELS = 4096 * 2304
"""pixels of one frame: 4K"""
VIDEO_TOTAL_PIXELS = 4_000_000_000
"""pixels of all frames together: a minute of 1920x1080 at 30 a second, about 15 s of decoding"""
