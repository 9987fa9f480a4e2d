"""Words: open_clip's model at its true shapes with random weights, its own tokenizer, and views askew."""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import threading
import weakref
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import Cli
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import save_file
from small_runs import run_small, small
from torch import Tensor

from plotart import Config
from plotart.errors import ConfigError, DrawingError, MissingError, NetworkError, WeightsError
from plotart.geometry.page import Page
from plotart.job.build import build
from plotart.job.objective import build_objective
from plotart.networks import clip as clip_module
from plotart.networks.clip import MODEL, Clip, _open_clip, load_clip
from plotart.objectives import Features, Look, Views, Windows, Words
from plotart.objectives.perspective import _homography, askew, in_squares, straight

PAGE = Page(60, 40, margin=5, color="#fbf0d0")
PAPER = torch.tensor([0.9, 0.8, 0.5])
OWL = "an owl in a tree"
LIGHT = (
    "strokes.count=6",
    "strokes.economy={keep: 1, price: 0}",
    "render.resolution=64",
    "optimize.steps=2",
    "optimize.polish=0.5",
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of random weights, as open_clip begins with them; in float16, which takes half the time to write."""
    torch.manual_seed(0)
    model = _open_clip().create_model(MODEL)
    assert sum(value.numel() for value in model.parameters()) == 151_277_313
    path = tmp_path_factory.mktemp("clip") / "random.safetensors"
    save_file({name: value.half() for name, value in model.state_dict().items()}, path)
    return path


@pytest.fixture(scope="module")
def clip(weights: Path) -> Clip:
    return load_clip(weights)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=generator(seed))


def look(image: Tensor, random: torch.Generator | None = None, views: Views | None = None) -> Look:
    return Look(image, views or Views.still(), Features(image), PAGE, random=random)


class TestPerspective:
    def test_takes_four_places_to_four_others(self) -> None:
        start, end = (torch.rand(3, 4, 2, generator=generator(seed), dtype=torch.float64) for seed in (1, 2))
        placed = torch.cat([start, torch.ones(3, 4, 1)], dim=2) @ _homography(start, end).transpose(1, 2)
        torch.testing.assert_close(placed[..., :2] / placed[..., 2:], end)

    def test_no_view_sees_beyond_the_horizon(self) -> None:
        """The third coordinate is linear: it is above 0 all over a view if it is so at the corners."""
        corners = torch.tensor([(-1.0, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)])
        assert float((corners @ askew(5000, generator()).transpose(1, 2))[..., 2].min()) > 0.15

    def test_straight_is_the_picture_amid_paper(self) -> None:
        image = noise(20, 30)
        (seen,) = in_squares(image, PAPER, straight(), 30)
        torch.testing.assert_close(seen[:, 5:25], image[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(seen[:, :5], PAPER[:, None, None].expand(3, 5, 30))

    def test_a_large_picture_is_averaged_so_that_no_line_is_lost(self) -> None:
        image = torch.ones(1, 3, 200, 200)
        image[:, :, :, 101] = 0
        (seen,) = in_squares(image, torch.ones(3), straight(), 20)
        assert float(1 - seen.mean()) == pytest.approx(1 / 200, rel=1e-3)

    def test_bare_paper_is_bare_paper_however_it_is_seen(self) -> None:
        bare = PAPER[None, :, None, None].expand(1, 3, 20, 30)
        seen = in_squares(bare, PAPER, askew(6, generator()), 24)
        torch.testing.assert_close(seen, PAPER[None, :, None, None].expand(6, 3, 24, 24))

    def test_views_are_unlike_and_the_generator_s(self) -> None:
        image = noise(24, 24)
        first, again, other = (in_squares(image, PAPER, askew(3, generator(seed)), 24) for seed in (0, 0, 1))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)
        assert not torch.equal(first[0], first[1])

    def test_pictures_take_turns(self) -> None:
        images = torch.cat([noise(16, 16, seed) for seed in (1, 2)])
        seen = in_squares(images, PAPER, straight().repeat(3, 1, 1), 16)
        torch.testing.assert_close(seen, images[[0, 1, 0]], atol=1e-5, rtol=0)


class TestClip:
    def test_the_tokenizer_is_the_real_one(self, clip: Clip) -> None:
        tokens = clip._tokenizer([OWL])
        assert tokens.shape == (1, 77)
        assert tokens[0, :8].tolist() == [49406, 550, 9899, 530, 320, 2677, 49407, 0]

    def test_words_have_unit_length_and_open_clip_s_direction(self, clip: Clip) -> None:
        found = clip.words([OWL, "a boat"])
        assert found.shape == (2, 512)
        with torch.no_grad():
            expected = clip._model.encode_text(clip._tokenizer([OWL, "a boat"]), normalize=True)
        torch.testing.assert_close(found, expected)
        assert float(found[0] @ found[1]) < 0.999

    def test_pictures_are_seen_as_open_clip_prepares_them(self, clip: Clip) -> None:
        pixels = (noise(224, 224)[0] * 255).round().byte()
        prepare = _open_clip().image_transform(224, is_train=False)
        prepared = prepare(Image.fromarray(pixels.permute(1, 2, 0).numpy()))[None]
        with torch.no_grad():
            expected = clip._model.encode_image(prepared)
            found = clip.image.features(pixels[None].float() / 255, ("image",))["image"]
        assert found.shape == (1, 512, 1, 1)
        torch.testing.assert_close(found[:, :, 0, 0], expected, atol=1e-4, rtol=1e-4)

    @pytest.mark.parametrize(("text", "tokens"), [("owl " * 76, 76), (" ", 0)])
    def test_refuses_text_that_it_would_cut_off(self, clip: Clip, text: str, tokens: int) -> None:
        with pytest.raises(NetworkError, match=f"has {tokens} tokens: allowed are 1 to 75"):
            clip.words([text])

    def test_refuses_other_sizes_and_layers(self, clip: Clip) -> None:
        with pytest.raises(NetworkError, match="224 x 224 px, found 30 x 20"):
            clip.image.features(noise(20, 30), ("image",))
        with pytest.raises(NetworkError, match="no layer 'conv1_1': allowed are image"):
            clip.image.features(noise(224, 224), ("conv1_1",))


class TestWords:
    IMAGE = noise(40, 60)

    def cosine(self, clip: Clip, image: Tensor, text: str) -> float:
        seen = in_squares(image, torch.tensor([251, 240, 208]) / 255, straight(), 224)
        with torch.no_grad():
            return float(
                F.cosine_similarity(clip.image.features(seen, ("image",))["image"][:, :, 0, 0], clip.words([text]))
            )

    def test_the_loss_is_clip_s_logit_and_the_activation_the_cosine(self, clip: Clip) -> None:
        found = {text: self.cosine(clip, self.IMAGE, text) for text in (OWL, "a boat", "a word")}
        wanted = (found[OWL] + found["a boat"]) / 2 - 0.5 * found["a word"]
        term = Words(clip, (OWL, "a boat"), ("a word",), avoid_weight=0.5)
        assert term.activation(self.IMAGE, PAGE) == pytest.approx(wanted, abs=1e-5)
        with torch.no_grad():
            assert float(term(look(self.IMAGE))) == pytest.approx(-100 * wanted, abs=1e-3)
        assert term.name == f'cosine with "{OWL}", "a boat", not "a word"'

    def test_each_step_has_views_of_its_own_from_the_run_s_generator(self, clip: Clip) -> None:
        term = Words(clip, (OWL,), views=1)
        with torch.no_grad():
            first, again, other = (float(term(look(self.IMAGE, generator(seed)))) for seed in (0, 0, 1))
        assert first == again != other

    def test_the_gradient_reaches_the_drawing(self, clip: Clip) -> None:
        image = self.IMAGE.clone().requires_grad_()
        Words(clip, (OWL,), views=2)(look(image, generator())).backward()
        assert image.grad is not None
        assert image.grad.isfinite().all()
        assert float((image.grad.abs() > 0).float().mean()) > 0.5
        assert all(value.grad is None for value in clip.image.parameters())

    def test_a_box_is_all_that_it_sees(self, clip: Clip) -> None:
        term = Words(clip, (OWL,), box=(0, 0, 30, 40))
        beyond, within = self.IMAGE.clone(), self.IMAGE.clone()
        beyond[..., 30:] = 0
        within[..., :30] = 0
        here = term.activation(self.IMAGE, PAGE)
        assert term.activation(beyond, PAGE) == here
        assert term.activation(within, PAGE) != here
        assert term.name.endswith("in [0, 0, 30, 40]")

    def test_in_windows_those_count_that_lie_in_the_box(self, clip: Clip) -> None:
        sheet = noise(80, 120)
        tiles = Windows.tiling(PAGE, 120, 60)
        parts = tiles(sheet)
        with torch.no_grad():
            found = float(Words(clip, (OWL,), box=(0, 0, 30, 40))(look(parts, None, tiles)))
            alone = [
                float(Words(clip, (OWL,))(look(part[None], None, one))) for part, one in zip(parts, tiles, strict=True)
            ]
        assert found == pytest.approx((alone[0] + alone[2]) / 2, abs=0.05)
        assert abs(found - sum(alone) / 4) > 0.05


def words_config(weights: Path, *overrides: str, objective: list[dict[str, Any]] | None = None) -> Config:
    terms = objective or [{"type": "text", "prompt": OWL}]
    terms = [{**term, "weights": str(weights), "views": 1} if term["type"] == "text" else term for term in terms]
    return small("quickstart", *LIGHT, f"objective={json.dumps(terms)}", *overrides)


class TestFromConfigs:
    def test_a_run_from_yaml_ends_with_a_plot(self, weights: Path, tmp_path: Path) -> None:
        path = tmp_path / "owl.yaml"
        text = {"type": "text", "prompt": OWL, "avoid": "a word", "views": 1, "weights": str(weights)}
        path.write_text(f"extends: {Path('configs/quickstart.yaml').resolve()}\nobjective: {json.dumps([text])}\n")
        run = run_small(Config.load(path, ["augment.views=1", *LIGHT]), tmp_path / "run")
        summary = json.loads((run.path / "summary.json").read_text())
        assert (run.path / "plot.svg").is_file()
        assert summary["objective"] == [f'cosine with "{OWL}", not "a word"']
        assert summary["network"] == "clip"
        assert summary["activation"].keys() == {"blank", "initial", "soft", "hard", "plotted"}
        assert all(-1.3 <= value <= 1.3 for value in summary["activation"].values())
        assert len({*summary["activation"].values()}) > 3

    def test_a_run_goes_on_to_the_bit(self, weights: Path, clip: Clip) -> None:
        def optimizer() -> Any:
            return build(words_config(weights, "optimize.steps=3"), objective=Words(clip, (OWL,), views=1)).optimizer

        whole, stopped, resumed = optimizer(), optimizer(), optimizer()
        losses = [step.loss for step in whole.steps()]
        next(stopped.steps())
        resumed.restore(*stopped.state())
        assert [step.loss for step in resumed.steps()] == losses[1:]

    def test_prompts_by_region_share_a_network_and_the_half_that_reads_goes(
        self, weights: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded: list[weakref.ref[Clip]] = []

        def load(path: Path) -> Clip:
            found = load_clip(path)
            loaded.append(weakref.ref(found))
            return found

        monkeypatch.setattr("plotart.networks.clip.load_clip", load)
        terms = [
            {"type": "text", "prompt": OWL, "region": [0, 0, 148, 105]},
            {"type": "text", "prompt": ["a boat", "the sea"], "region": [0, 105, 148, 210]},
        ]
        config = words_config(weights, objective=terms)
        objective = build_objective(config, Page(148, 210), torch.device("cpu"))
        assert [term.name for _, term in objective.goals] == [
            f'cosine with "{OWL}" in [0, 0, 148, 105]',
            'cosine with "a boat", "the sea" in [0, 105, 148, 210]',
        ]
        assert len({tap.network for tap in objective.taps}) == len(loaded) == 1
        gc.collect()
        assert loaded[0]() is None

    def test_a_region_off_the_sheet_is_refused_before_weights_are_read(self, tmp_path: Path) -> None:
        term = {"type": "text", "prompt": OWL, "region": [200, 0, 300, 50]}
        with pytest.raises(
            DrawingError, match=r"objective\.0: the region \[200\.0, 0\.0, 300\.0, 50\.0\] holds nothing"
        ):
            build(words_config(tmp_path / "none", objective=[term]))

    @pytest.mark.parametrize(
        ("term", "message"),
        [
            ({}, "objective.0.prompt: found nothing; allowed: one line of text that isn't empty, or a list"),
            ({"prompt": ""}, 'objective.0.prompt: found ""; allowed: one line of text'),
            ({"prompt": []}, "objective.0.prompt: found []; allowed: one line of text"),
            ({"prompt": 3}, "objective.0.prompt: found 3; allowed: one line of text"),
            ({"prompt": OWL, "views": 0}, "objective.0.views: found 0; allowed: a whole number from 1 to 64"),
        ],
    )
    def test_what_is_wrong_in_a_config(self, term: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            small("quickstart", f"objective={json.dumps([{'type': 'text', **term}])}")
        assert message in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither plotart's cache nor Hugging Face's has the weights, and nobody answers there; plotart's cache folder."""
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return tmp_path / "cache"


class Published(BaseHTTPRequestHandler):
    """Hugging Face, with another file under the published one's name."""

    CONTENT = b"no weights"
    asked: list[str] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("X-Repo-Commit", clip_module.REVISION)
        self.send_header("ETag", '"a"')
        self.send_header("Content-Length", str(len(self.CONTENT)))
        self.end_headers()

    def do_GET(self) -> None:
        if "/resolve/" in self.path:
            self.asked.append(self.path)
        self.do_HEAD()
        self.wfile.write(self.CONTENT)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def published() -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Published)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class TestWeights:
    def test_without_the_extra_its_name_is_told(
        self, monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
    ) -> None:
        monkeypatch.setitem(sys.modules, "open_clip", None)
        with pytest.raises(MissingError, match=r"pip install 'plotart\[text\]'"):
            load_clip()
        found = cli(
            "generate",
            "configs/quickstart.yaml",
            "--out",
            tmp_path / "x",
            "-o",
            "objective=[{type: text, prompt: owl}]",
        )
        assert found.status == 2
        assert "objective.0: CLIP needs open_clip" in found.err
        assert "pip install 'plotart[text]'" in found.err

    def test_offline_it_says_what_to_put_where(self, nothing_kept: Path) -> None:
        with pytest.raises(WeightsError) as caught:
            load_clip()
        said = str(caught.value)
        assert said.startswith("CLIP needs its published weights, and fetching them failed (")
        assert f"/{clip_module.REPOSITORY}/resolve/{clip_module.REVISION}/{clip_module.FILE} (605 MB)" in said
        assert said.endswith(f"into {nothing_kept}, or name another with `weights:`")

    def test_another_file_in_the_published_one_s_place_is_refused(self, nothing_kept: Path) -> None:
        nothing_kept.mkdir()
        (nothing_kept / clip_module.FILE).write_bytes(b"no weights")
        with pytest.raises(WeightsError, match=f"is damaged or another file: .* expected {clip_module.SHA256}"):
            load_clip()

    def test_the_pinned_file_is_fetched_once_and_checked(
        self, published: str, nothing_kept: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = f"{published}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setenv("HF_ENDPOINT", published)
        monkeypatch.setattr(constants, "ENDPOINT", published)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
        found = hashlib.sha256(Published.CONTENT).hexdigest()
        for _ in range(2):
            with pytest.raises(WeightsError, match=f"its SHA-256 is {found}, expected {clip_module.SHA256}"):
                load_clip()
        assert Published.asked == [f"/{clip_module.REPOSITORY}/resolve/{clip_module.REVISION}/{clip_module.FILE}"]

    @pytest.mark.parametrize("kind", ["damaged", "absent"])
    def test_a_file_that_has_no_such_weights(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "w.safetensors"
        if kind == "damaged":
            path.write_bytes(b"\x08\0\0\0\0\0\0\0garbage!")
        expected = "does not exist" if kind == "absent" else "has no weights of open_clip's ViT-B-32"
        with pytest.raises(WeightsError, match=expected):
            load_clip(path)
