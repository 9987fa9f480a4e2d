"""Charts' layouts and scans, as `palette measure` reads them."""

from __future__ import annotations

import json
from random import Random

from fuzz.case import Place, Seeds
from fuzz.mutate import TEXTS, spoilt_bytes, spoilt_text, spoilt_tree


def layout(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A good scan with a bad layout."""
    text = seeds.chart.read_text(encoding="utf-8")
    match random.randrange(4):
        case 0:
            data = spoilt_bytes(random, text.encode())
        case 1:
            data = spoilt_text(random, text, (*TEXTS, "[" * 3000, "1e999", "null")).encode("utf-8", "surrogatepass")
        case _:
            data = json.dumps(spoilt_tree(random, json.loads(text))).encode("utf-8", "surrogatepass")
    path = place.file("bad.layout.json", data)
    scan = place.file("scan.png", seeds.chart.with_name("scan.png").read_bytes())
    return ["palette", "measure", str(scan), "--chart", str(path), "--out", str(place.out / "x.toml")]


def scan(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A bad scan with a good layout."""
    path = place.file("layout.json", seeds.chart.read_bytes())
    found = place.file("bad.png", _spoilt(random, seeds.chart.with_name("scan.png").read_bytes()))
    return ["palette", "measure", str(found), "--chart", str(path), "--out", str(place.out / "x.toml")]


def _spoilt(random: Random, data: bytes) -> bytes:
    """Bytes spoilt, or a picture that is no scan: cut, turned, mirrored, shrunk, painted over, of one colour, noise."""
    import io

    from PIL import Image, ImageDraw

    if random.random() < 0.3:
        return spoilt_bytes(random, data, head=100)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    wide, high = image.size
    match random.randrange(7):
        case 0:
            left, top = random.randrange(wide), random.randrange(high)
            image = image.crop((left, top, random.randrange(left, wide) + 1, random.randrange(top, high) + 1))
        case 1:
            image = image.rotate(random.uniform(0, 360), expand=True, fillcolor=random.choice(("white", "black")))
        case 2:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        case 3:
            image = image.resize((random.choice((1, 2, 50, wide // 2)), random.choice((1, 2, 50, high // 2))))
        case 4:
            draw = ImageDraw.Draw(image)
            for _ in range(random.choice((1, 5, 100))):
                x, y, r = random.randrange(wide), random.randrange(high), random.choice((5, 20, 200))
                draw.ellipse((x - r, y - r, x + r, y + r), random.choice(("black", "white", "red")))
        case 5:
            image = Image.new("RGB", image.size, random.choice(("white", "black", "#808080")))
        case 6:
            image = Image.frombytes("RGB", (200, 300), random.randbytes(200 * 300 * 3))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
