"""Pictures in every format that is read: headers, bodies and chunks spoilt, and bombs of a few bytes."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from random import Random

from PIL import Image

from fuzz.case import Place, Seeds
from fuzz.mutate import spoilt_bytes

_SUFFIX = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "TIFF": "tiff", "BMP": "bmp", "PPM": "ppm"}

#: Modes that each format can hold.
_MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "GIF": ("L", "P", "RGB"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "LAB", "YCbCr"),
    "BMP": ("1", "L", "P", "RGB"),
    "PPM": ("1", "L", "RGB", "I;16"),
}
#: px: sides that no picture has, that bombs have, and that differ by little from what is right.
_SIDES = (0, 1, 2, 39, 41, 255, 9000, 20000, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1)


def picture(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A picture, reduced to colours or shown in those of pens."""
    name, data = _spoilt(random)
    path = place.file(name, data)
    if random.random() < 0.5:
        method = random.choice(("kmeans", "median-cut", "octree", "median-cut"))
        return ["palette", "extract", str(path), "-n", "3", "--method", method, "--out", str(place.out / "x.toml")]
    return ["quantize", str(path), "--palette", "uni-pin", "--out", str(place.out / "x.png")]


def likeness(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A picture that a run shall look like, or that says where on the sheet a term counts."""
    from fuzz.configs import CONFIGS, SHORT

    name, data = _spoilt(random)
    path = place.file(name, data)
    config = place.file("good.yaml", (CONFIGS / "quickstart.yaml").read_bytes())
    term = random.choice(
        (
            f"{{type: image, file: '{path}', features: 0}}",
            f"{{type: excitation, network: motif, layer: conv1_1, channel: 0, mask: '{path}'}}",
            f"{{type: style, network: motif, layers: [conv1_1], file: '{path}'}}",
        )
    )
    words = [*SHORT, f"objective=[{term}]"]
    return ["generate", str(config), "--out", str(place.out), *(w for text in words for w in ("-o", text))]


def _spoilt(random: Random) -> tuple[str, bytes]:
    form = random.choice(sorted(_SUFFIX))
    suffix = _SUFFIX[random.choice(sorted(_SUFFIX))] if random.random() < 0.1 else _SUFFIX[form]
    if random.random() < 0.06:
        return f"bomb.{suffix}", random.choice(_BOMBS)()
    data = _seed(form, random.choice(_MODES[form]), random.random() < 0.4)
    match random.randrange(4):
        case 0:
            data = spoilt_bytes(random, data, head=64)
        case 1:
            data = spoilt_bytes(random, data)
        case 2:
            data = _resized(random, form, data)
        case 3 if form == "PNG":
            data = _chunks(random, data)
        case 3:
            data = spoilt_bytes(random, data, head=300)
    return f"bad.{suffix}", data


@cache
def _seed(form: str, mode: str, extras: bool) -> bytes:
    """40 x 30 px of colours in that format, some with EXIF data, a colour profile, further frames."""
    base = Image.radial_gradient("L").resize((40, 30))
    colors = Image.merge("RGB", (base, base.rotate(90), base.transpose(Image.Transpose.ROTATE_180)))
    if mode == "I;16":
        image = Image.frombytes("I;16", base.size, b"".join(struct.pack("<H", v * 257) for v in base.tobytes()))
    elif mode in ("LAB", "F", "LA"):
        image = base.convert(mode) if mode != "LAB" else Image.frombytes("LAB", colors.size, colors.tobytes())
    else:
        image = colors.convert(mode)
    options: dict[str, object] = {}
    if extras and form in ("PNG", "JPEG", "WEBP", "TIFF"):
        from PIL import ImageCms

        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010E] = "a picture"
        options["exif"] = exif
        options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if extras and form in ("GIF", "WEBP", "TIFF", "PNG") and mode in ("P", "RGB", "L"):
        options |= {"save_all": True, "append_images": [image.rotate(90)]}
    if extras and form == "TIFF" and mode in ("L", "RGB"):
        options["compression"] = "tiff_lzw"
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _resized(random: Random, form: str, data: bytes) -> bytes:
    """Another width and height in the header, checksums mended."""
    sides = random.choice(_SIDES), random.choice(_SIDES)
    if form == "PNG":
        head = struct.pack(">II", *sides) + data[24:29]
        return data[:12] + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + data[33:]
    if form == "PPM":
        return data.replace(b"40 30", b"%d %d" % sides, 1)
    if form == "BMP":
        return data[:18] + struct.pack("<II", *sides) + data[26:]
    if form == "GIF":
        return data[:6] + struct.pack("<HH", *(side & 0xFFFF for side in sides)) + data[10:]
    if form == "TIFF":
        return _tagged(data, {256: sides[0], 257: sides[1]})
    at = data.find(b"\xff\xc0")
    if form == "JPEG" and at >= 0:
        return data[: at + 5] + struct.pack(">HH", *(side & 0xFFFF for side in sides)) + data[at + 9 :]
    return spoilt_bytes(random, data, head=40)


def _tagged(data: bytes, values: dict[int, int]) -> bytes:
    """A little-endian TIFF with other values of some tags."""
    found, start = bytearray(data), struct.unpack_from("<I", data, 4)[0]
    for entry in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", data, start)[0], 12):
        tag = struct.unpack_from("<H", data, entry)[0]
        if tag in values:
            struct.pack_into("<HHII", found, entry, tag, 4, 1, values[tag])
    return bytes(found)


def _chunks(random: Random, data: bytes) -> bytes:
    """A PNG with one chunk spoilt, doubled, left out or put in, its checksum mended."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    place = random.randrange(len(chunks))
    kind, body = chunks[place]
    match random.randrange(4):
        case 0:
            chunks[place] = kind, spoilt_bytes(random, body)
        case 1:
            chunks.insert(place, (kind, body))
        case 2:
            del chunks[place]
        case 3:
            kinds = (b"iCCP", b"zTXt", b"iTXt", b"tRNS", b"PLTE", b"gAMA", b"acTL", b"fcTL", b"eXIf", b"pHYs", b"cHRM")
            bodies = (b"", b"x", b"x\0\0" + zlib.compress(b"\0" * 3_000_000), b"x\0\1\0\0\0y", random.randbytes(26))
            chunks.insert(place, (random.choice(kinds), random.choice(bodies)))
    return _png(chunks)


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@cache
def _png_bomb(side: int, depth: int, color: int) -> bytes:
    """A square PNG of one colour: the sides' product times the bytes of a pixel, squeezed a thousandfold."""
    bits = depth * {0: 1, 2: 3, 6: 4}[color]
    row, squeeze = b"\0" * (1 + (side * bits + 7) // 8), zlib.compressobj(9)
    body = b"".join([*(squeeze.compress(row) for _ in range(side)), squeeze.flush()])
    return _png(
        [(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, color, 0, 0, 0)), (b"IDAT", body), (b"IEND", b"")]
    )


#: Large pictures of few bytes: just below and far above what is read.
_BOMBS = (
    lambda: _png_bomb(30_000, 1, 0),
    lambda: _png_bomb(9_400, 1, 0),
    lambda: _png_bomb(7_000, 8, 6),
    lambda: _png_bomb(7_000, 16, 0),
    lambda: _png_bomb(12_000, 8, 2),
)
