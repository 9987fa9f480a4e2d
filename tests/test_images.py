"""Pictures of any kind come out as they look."""

from __future__ import annotations

import errno
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms, JpegImagePlugin

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.errors import ImageError
from plotart.files.images import open_rgba, read_image

#: Two pixels side by side.
TWO = np.array([[[200, 40, 60], [10, 90, 220]]], dtype=np.uint8)


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def close(found: torch.Tensor, expected: np.ndarray, within: float = 1.5) -> None:
    np.testing.assert_allclose(found.permute(1, 2, 0).numpy() * 255, expected, atol=within)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.ppm", "a.webp", "a.gif"])
def test_formats(name: str, tmp_path: Path) -> None:
    options = {"lossless": True} if name == "a.webp" else {}
    close(read_image(saved(tmp_path / name, Image.fromarray(TWO), **options)), TWO)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "PA", "L", "LA", "1", "I;16", "I", "F", "CMYK", "LAB", "YCbCr"])
def test_modes(mode: str, tmp_path: Path) -> None:
    """A white and a black half, in every way that Pillow can hold them and a format can keep."""
    grey = np.array([[255, 0]], dtype=np.uint8)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(grey.astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(grey.astype(np.float32) / 255)
    elif mode == "PA":
        image = Image.fromarray(grey).convert("P").convert("PA")
    else:
        image = Image.fromarray(np.repeat(grey[..., None], 3, axis=2))
        image = image.convert("RGB").convert(mode) if mode != "LAB" else _lab(image)
    suffix = {"CMYK": "tiff", "F": "tiff", "I": "tiff", "LAB": "tiff", "YCbCr": "tiff", "PA": "tiff"}
    path = saved(tmp_path / f"a.{suffix.get(mode, 'png')}", image)
    close(read_image(path), np.array([[[255] * 3, [0] * 3]]), within=2)


def _lab(image: Image.Image) -> Image.Image:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    found = ImageCms.applyTransform(image, to_lab)
    assert found is not None
    return found


def test_sixteen_bits_keep_their_middle(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(np.array([[32768, 128]], dtype=np.uint16)))
    assert open_rgba(path).convert("L").tobytes() == bytes([128, 0])


def test_paper_shows_through_in_linear_light(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGBA", (2, 2), (255, 0, 0, 128)))
    paper = (0.5, 0.5, 1.0)
    light = srgb_to_linear(torch.tensor([1.0, 0, 0])) * 128 / 255 + srgb_to_linear(torch.tensor(paper)) * 127 / 255
    torch.testing.assert_close(read_image(path, paper=paper)[:, 0, 0], linear_to_srgb(light))


def test_transparent_colours_of_a_palette(tmp_path: Path) -> None:
    image = Image.fromarray(TWO).quantize(2)
    first = image.getpixel((0, 0))
    path = saved(tmp_path / "a.png", image, transparency=first)
    close(read_image(path, paper=(0.0, 1.0, 0.0)), np.array([[[0, 255, 0], TWO[0, 1]]]))


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (3, 2), color) for color in ("red", "lime", "blue")]
    for name in ("a.gif", "a.webp", "a.png"):
        path = saved(tmp_path / name, frames[0], save_all=True, append_images=frames[1:], lossless=True)
        close(read_image(path), np.broadcast_to([255, 0, 0], (2, 3, 3)), within=3)


@pytest.mark.parametrize(("orientation", "expected"), [(1, [[0, 1]]), (3, [[1, 0]]), (6, [[0], [1]]), (8, [[1], [0]])])
def test_a_photograph_is_turned_as_it_says(orientation: int, expected: list[list[int]], tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a.png", Image.fromarray(TWO), exif=exif)
    close(read_image(path), TWO[0][np.array(expected)])


def swapping_profile() -> bytes:
    """A profile whose red and blue are exchanged."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    data = bytearray(plain.tobytes())
    red, blue = data.index(b"rXYZ"), data.index(b"bXYZ")
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data)


def test_an_embedded_profile_is_heeded(tmp_path: Path) -> None:
    swapped = TWO[..., ::-1]
    for image in (Image.fromarray(TWO), Image.fromarray(TWO).convert("RGBA")):
        close(read_image(saved(tmp_path / "a.png", image, icc_profile=swapping_profile())), swapped, within=4)
    path = saved(tmp_path / "b.png", Image.fromarray(TWO), icc_profile=b"no profile")
    close(read_image(path), TWO)


def test_a_large_picture_is_made_small_and_a_small_one_is_left(tmp_path: Path) -> None:
    wide = saved(tmp_path / "a.png", Image.new("RGB", (400, 100), "teal"))
    assert read_image(wide, longest=40).shape == (3, 10, 40)
    assert read_image(wide).shape == (3, 100, 400)
    assert read_image(wide, longest=1000).shape == (3, 100, 400)
    assert read_image(saved(tmp_path / "b.png", Image.new("P", (400, 100))), longest=40).shape == (3, 10, 40)


@pytest.mark.parametrize("size", [(9504, 6336), (6336, 9504)])
def test_a_picture_of_60_mpx_is_read_whole(size: tuple[int, int], tmp_path: Path) -> None:
    """As cameras make them."""
    path = saved(tmp_path / "a.jpg", Image.new("L", size, 90), quality=90)
    found = read_image(path, as_bytes=True)
    assert found.shape == (3, size[1], size[0])
    assert found.dtype == torch.uint8
    assert [int(side) for side in found.aminmax()] == [90, 90]


def test_bytes_are_the_floats_rounded(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (70, 5, 4), dtype=np.uint8)
    path, paper = saved(tmp_path / "a.png", Image.fromarray(noise)), (0.9, 0.5, 0.1)
    floats = read_image(path, paper=paper)
    torch.testing.assert_close(read_image(path, paper=paper, as_bytes=True), (floats * 255).round().byte())


HALVES = np.zeros((2400, 3200, 3), dtype=np.uint8)
HALVES[:, :1600], HALVES[:, 1600:] = TWO[0]


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_photograph_is_made_smaller_while_it_is_decoded(
    mode: str, turned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    load = JpegImagePlugin.JpegImageFile.load
    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", lambda image: decoded.append(image.size) or load(image))
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(HALVES).convert(mode)
    expected = np.asarray(image.convert("RGB"))[1200, [800, 2400]]
    path = saved(tmp_path / "a.jpg", image, quality=95, **({"exif": exif} if turned else {}))
    found = read_image(path, longest=400)
    assert found.shape == ((3, 400, 300) if turned else (3, 300, 400))
    if turned:  # by a quarter to the right: what was left is above
        found = found.transpose(1, 2)
    close(found[:, 150:151, [100, 300]], expected[None], within=3)
    assert max(decoded) == (1600, 1200)


def test_sixteen_bits_are_made_smaller(tmp_path: Path) -> None:
    grey = np.full((900, 1200), 60_000, dtype=np.uint16)
    grey[:, 600:] = 1_000
    found = read_image(saved(tmp_path / "a.png", Image.fromarray(grey)), longest=60)
    close(found[:, 20:21, [10, 50]], np.array([[[60_000 / 257] * 3, [1_000 / 257] * 3]]))


def test_a_profile_is_heeded_where_a_photograph_is_made_smaller(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.fromarray(HALVES), quality=95, icc_profile=swapping_profile())
    close(read_image(path, longest=100)[:, 30:31, [20, 80]], TWO[..., ::-1], within=5)


def test_a_picture_of_more_pixels_than_pillow_allows_is_made_smaller(tmp_path: Path) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    path = saved(tmp_path / "a.png", Image.new("L", (15_000, 13_000), 90))
    assert read_image(path, longest=30).shape == (3, 26, 30)
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("longest", [None, 100])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp"])
def test_a_bomb_is_refused_before_it_is_decoded(name: str, longest: int | None, tmp_path: Path) -> None:
    """A small file that says that it is of 60,000 x 60,000 px."""
    path = saved(tmp_path / name, Image.new("RGB", (300, 300)))
    content = path.read_bytes()
    if name == "a.png":
        header = struct.pack(">4sIIBBBBB", b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
        content = content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]
    else:
        order = ">H" if name == "a.jpg" else "<H"
        content = content.replace(struct.pack(order, 300), struct.pack(order, 60_000))
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf"{name}: can't be read \(60,000 x 60,000 px, .*\); allowed .* 1\.25 GB"):
        open_rgba(path, longest=longest)


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\xd8\xff"]
)
def test_what_is_no_picture(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"bad\.png: .*; allowed is a picture"):
        read_image(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp", "a.tiff", "a.bmp"])
def test_a_picture_that_is_cut_off(name: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(tmp_path / name, Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ImageError, match="allowed is a picture"):
        read_image(path)


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, found in {
        "": "is a folder",
        "none.png": "no such file",
        "no/such.png": "no such file",
        "file/a.png": r"can't be read \(Not a directory\)",
        "file": "no picture that is known here",
        "\0": r"can't be read \(embedded null byte\)",
    }.items():
        with pytest.raises(ImageError, match=rf"^{re.escape(str(tmp_path / name))}: {found}; allowed is a picture"):
            read_image(tmp_path / name)


def test_what_must_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "a.png")

    monkeypatch.setattr("PIL.Image.open", denied)
    with pytest.raises(ImageError, match=r"a\.png: can't be read \(Permission denied\); allowed is a picture"):
        read_image(tmp_path / "a.png")
