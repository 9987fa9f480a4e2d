"""What goes between a worker, the server and the page: messages in JSON, and drawings as bytes.

A drawing on its way to the page is one block: b"PLT1", the length of a JSON header as u32, the header, blanks up to a
multiple of four bytes, and little-endian arrays one after another: ids u32 [N], counts u32 [N], widths f32 [N] in mm,
inks u8 [N, 4], points f32 [P, 2] in mm. All of it can be laid over typed arrays as it is. Lines are chains of cubic
Béziers, or polylines where the header says `polylines`; with `cut` they are seen inside the `margin` alone.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Begins a drawing.
MAGIC = b"PLT1"

#: Flags beside a line's colour: its ink filters what lies below; the line is held.
FILTERS, HELD = 1, 2

#: Kinds of packets between a worker and the server.
TEXT, FRAME, PICTURE = b"t", b"f", b"p"

#: Bytes of a packet, far more than any drawing has; what claims more is none of ours.
MOST_BYTES = 1 << 28

_PACKET = struct.Struct("<cI")


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines in plotting order: the stroke that each stands for [N], control points of each [N], widths [N] mm, colour
    as it looks and flags [N, 4] in 0..255, points [P, 2] mm."""

    ids: NDArray[np.uint32]
    counts: NDArray[np.uint32]
    widths: NDArray[np.float32]
    inks: NDArray[np.uint8]
    points: NDArray[np.float32]


def pack_frame(header: Mapping[str, Any], lines: Lines) -> bytes:
    """The block described above; the header gets the numbers of `strokes` and `points`."""
    sizes = {"strokes": len(lines.counts), "points": len(lines.points)}
    text = json.dumps({**header, **sizes}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    arrays = (
        lines.ids.astype("<u4", copy=False),
        lines.counts.astype("<u4", copy=False),
        lines.widths.astype("<f4", copy=False),
        lines.inks.astype("u1", copy=False),
        lines.points.astype("<f4", copy=False),
    )
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *(array.tobytes() for array in arrays)])


def frame_header(frame: bytes) -> dict[str, Any]:
    """Raises ValueError for bytes that are no frame."""
    if frame[:4] != MAGIC:
        raise ValueError("not a drawing")
    (length,) = struct.unpack_from("<I", frame, 4)
    return dict(json.loads(frame[8 : 8 + length]))


def write_packet(stream: BinaryIO, kind: bytes, content: bytes) -> None:
    stream.write(_PACKET.pack(kind, len(content)) + content)
    stream.flush()


def packets(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each packet, until the stream ends. Raises ValueError for what is none."""
    while len(head := stream.read(_PACKET.size)) == _PACKET.size:
        kind, length = _PACKET.unpack(head)
        if kind not in (TEXT, FRAME, PICTURE) or length > MOST_BYTES:
            raise ValueError("what came from the worker is no packet")
        content = stream.read(length)
        if len(content) < length:
            return
        yield kind, content
