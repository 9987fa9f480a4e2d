"""The training of the motif network, in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from plotart.networks import load_network
from plotart.training import color
from plotart.training.attack import attacked, noisy
from plotart.training.data import Lesson, make_lesson, shown
from plotart.training.motif import Stage, loss_of, train
from plotart.training.motifs import MOTIFS
from plotart.training.motifs.hues import HUES
from plotart.training.motifs.picture import BARE, UNKNOWN, School, specimen
from plotart.training.network import TrainableMotif
from plotart.training.offer import OFFERED, UNREAD, take_out

WIDTHS = ((4,), (6, 6), (8,))


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return make_lesson(3, 48, School(), 1)


def network(seed: int = 0) -> TrainableMotif:
    torch.manual_seed(seed)
    return TrainableMotif(WIDTHS)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class TestSpecimens:
    def test_tidy_ones_are_wholly_their_motif_and_neat(self) -> None:
        one = specimen("star", np.random.default_rng(1), 48, School(nothing=0.0, tidy=1.0))
        assert (one.worth, one.neat) == (1.0, True)
        assert one.inks.shape == (24, 24)
        assert 0 < float((one.inks < BARE).mean()) < 1

    def test_nothing_is_worth_nothing(self) -> None:
        for seed in range(4):
            one = specimen("star", np.random.default_rng(seed), 48, School(nothing=1.0))
            assert (one.worth, one.neat) == (0.0, False)
            assert one.pixels.std() > 0

    def test_motley_pictures_are_tidy_in_more_inks(self) -> None:
        def hues(motley: float, seed: int) -> int:
            school = School({"white": 1.0}, nothing=0.0, tidy=1.0, motley=motley)
            one = specimen("hexagons", np.random.default_rng(seed), 48, school)
            assert (one.worth, one.neat) == (1.0, True)
            return np.unique(one.inks[one.inks < BARE]).size

        assert np.mean([hues(1.0, seed) for seed in range(12)]) > np.mean([hues(0.0, seed) for seed in range(12)]) + 0.5

    def test_the_greater_the_mess_the_less_there_is_of_the_motif(self) -> None:
        ones = [specimen("star", np.random.default_rng(seed), 32, School(nothing=0, tidy=0)) for seed in range(40)]
        worths = [one.worth for one in ones]
        assert not any(one.neat for one in ones)
        assert min(worths) == 0
        assert max(worths) == 1
        assert 0.2 < float(np.mean(worths)) < 0.8

    def test_a_leaf_is_green_more_often_than_blue(self) -> None:
        school = School(nothing=0.0, tidy=1.0)
        inks = [specimen("leaf", np.random.default_rng(seed), 32, school).inks for seed in range(40)]
        green, blue = (int((np.stack(inks) == list(HUES).index(hue)).sum()) for hue in ("green", "blue"))
        assert green > 2 * blue

    def test_inks_are_where_the_picture_is_not_bare(self) -> None:
        one = specimen("stripes", np.random.default_rng(2), 48, School({"white": 1.0}, nothing=0.0, tidy=1.0))
        dark = 255 - one.pixels.reshape(24, 2, 24, 2, 3).min(axis=(1, 3, 4)).astype(int)
        assert dark[one.inks < BARE].mean() > 4 * dark[one.inks == BARE].mean() + 20

    def test_the_inks_of_shuffled_tiles_are_not_told(self) -> None:
        ones = [specimen("star", np.random.default_rng(seed), 32, School(nothing=1.0)) for seed in range(20)]
        shuffled = [bool((one.inks == UNKNOWN).all()) for one in ones]
        assert any(shuffled)
        assert not all(shuffled)


class TestLessons:
    def test_they_depend_on_the_seed_alone(self, lesson: Lesson) -> None:
        again, other = make_lesson(3, 48, School(), 2), make_lesson(4, 48, School(), 1)
        assert torch.equal(lesson.pictures, again.pictures)
        assert torch.equal(lesson.worth, again.worth)
        assert not torch.equal(lesson.pictures, other.pictures)

    def test_of_drawings_only_neatness_is_learned(self, lesson: Lesson) -> None:
        with_drawings = lesson.with_drawings(torch.zeros(5, 3, 112, 112, dtype=torch.uint8))
        added = with_drawings.rows(torch.arange(48, 53))
        logits = network()(torch.rand(5, 3, 32, 32, generator=random()))
        logits.motifs.retain_grad()
        logits.neat.retain_grad()
        loss_of(logits, added).backward()
        assert logits.motifs.grad is not None
        assert float(logits.motifs.grad.abs().sum()) == 0
        assert logits.neat.grad is not None
        assert (logits.neat.grad > 0).all()

    def test_colours_stay_what_they_are(self) -> None:
        red = torch.zeros(2, 3, 112, 112, dtype=torch.uint8)
        red[:, 0] = 255
        for seed in range(5):
            mean = shown(red, random(seed)).mean(dim=(2, 3))
            assert (mean[:, 0] > mean[:, 1] + 0.4).all()
            assert (mean[:, 0] > mean[:, 2] + 0.4).all()


class TestAttack:
    @staticmethod
    def loss(images: Tensor) -> Tensor:
        return (images * torch.linspace(-1, 1, images.shape[-1])).sum()

    def test_it_raises_the_loss_more_than_noise_of_the_same_length(self) -> None:
        images = torch.rand(4, 3, 56, 56, generator=random())
        changed, noise = attacked(images, self.loss, 1.5, random()), noisy(images, 1.5, random())
        assert float(self.loss(changed)) > float(self.loss(noise)) + 1
        assert torch.allclose((noise - images).flatten(1).norm(dim=1), torch.tensor(0.75))

    def test_several_steps_stay_within_the_strength(self) -> None:
        images = torch.rand(4, 3, 56, 56, generator=random())
        away = (attacked(images, self.loss, 1.5, random(), steps=5) - images).flatten(1).norm(dim=1)
        assert (away <= 0.7501).all()
        assert (away > 0.6).all()


class TestTraining:
    def test_it_learns_and_repeats(self, lesson: Lesson) -> None:
        stage = Stage(pictures=48, steps=6, rate=3e-3, strength=0.5, noise=False, seed=0, batch=16)
        models = [network(), network()]
        images = lesson.pictures.float() / 255
        before = loss_of(models[0](images), lesson).item()
        for model in models:
            train(model, lesson, stage, lambda mean: None)
        assert loss_of(models[0](images), lesson).item() < before
        for one, same in zip(models[0].parameters(), models[1].parameters(), strict=True):
            torch.testing.assert_close(one, same, rtol=1e-3, atol=1e-4)

    def test_what_is_saved_is_the_same_function_and_classes_are_what_they_have_over_their_mean(
        self, tmp_path: Path
    ) -> None:
        model, path = network(), tmp_path / "motif.safetensors"
        model.save(path)
        shipped = load_network("motif", weights=path)
        assert shipped.classes == MOTIFS
        image = torch.rand(2, 3, 40, 32, generator=random())
        with torch.no_grad():
            wanted = model(image)
            found = {layer: shipped.activations(image, layer).mean(dim=(2, 3)) for layer in shipped.description.heads}
        over_mean = wanted.motifs - wanted.motifs[:, :-1].mean(dim=1, keepdim=True)
        torch.testing.assert_close(found["class"], over_mean[:, :-1], rtol=0.01, atol=0.01)
        torch.testing.assert_close(found["nothing"], over_mean[:, -1:], rtol=0.01, atol=0.01)
        torch.testing.assert_close(found["neat"][:, 0], wanted.neat, rtol=0.01, atol=0.01)

    def test_a_wider_network_starts_as_nearly_the_narrower_one(self, tmp_path: Path) -> None:
        model, path = network(), tmp_path / "motif.safetensors"
        model.save(path)
        torch.manual_seed(1)
        wider = TrainableMotif(((4,), (6, 8), (10,)))
        wider.start_from(path)
        torch.testing.assert_close(wider.convolutions[0].weight, model.convolutions[0].weight, rtol=0.01, atol=0.01)
        image = torch.rand(2, 3, 40, 32, generator=random())
        with torch.no_grad():
            ours = wider(image).motifs
            theirs = model(image).motifs
        theirs = theirs - theirs[:, :-1].mean(dim=1, keepdim=True)
        correlation = torch.corrcoef(torch.stack([ours.flatten(), theirs.flatten()]))[0, 1]
        assert correlation > 0.5


class TestColors:
    @staticmethod
    def stripes() -> tuple[Tensor, Tensor]:
        """Bands of red and of blue on white, and their inks."""
        pictures = torch.full((8, 3, 32, 32), 255, dtype=torch.uint8)
        pictures[:, 1:, 4:10], pictures[:, :2, 20:26] = 20, 20
        inks = torch.full((8, 16, 16), BARE, dtype=torch.uint8)
        inks[:, 2:5], inks[:, 10:13] = list(HUES).index("red"), list(HUES).index("blue")
        return pictures, inks

    def test_it_learns_which_ink_is_where(self) -> None:
        torch.manual_seed(0)
        model, (pictures, inks) = color.TrainableColors((8, 8)), self.stripes()
        color.train(model, pictures, inks, steps=80, rate=0.02, seed=0)
        assert color.accuracy(model, pictures, inks) > 0.9

    def test_places_that_are_not_told_teach_nothing(self) -> None:
        found = torch.randn(2, len(HUES) + 1, 8, 8, generator=random(), requires_grad=True)
        inks = torch.zeros(2, 8, 8, dtype=torch.uint8)
        inks[:, 4:] = UNKNOWN
        color.loss_of(found, inks).backward()
        assert found.grad is not None
        assert float(found.grad[:, :, 4:].abs().sum()) == 0
        assert float(found.grad[:, :, :4].abs().sum()) > 0

    def test_what_is_put_into_a_file_is_the_same_function_over_its_mean(self, tmp_path: Path) -> None:
        path = tmp_path / "motif.safetensors"
        network().save(path)
        assert load_network("motif", weights=path).colors == ()
        torch.manual_seed(0)
        model = color.TrainableColors((6, 5))
        model.put_into(path)
        shipped = load_network("motif", weights=path)
        assert shipped.colors == tuple(HUES)
        assert "green" in shipped.description.natures["leaf"]
        image = torch.rand(2, 3, 40, 32, generator=random())
        with torch.no_grad():
            hues = model(image)[:, :BARE]
            found = shipped.activations(image, "color")
        wanted = 3 * (hues - hues.mean(dim=1, keepdim=True))
        torch.testing.assert_close(found, wanted, rtol=0.02, atol=0.02)


class TestOffer:
    def test_classes_are_taken_out_and_the_others_stay_what_they_are(self, tmp_path: Path) -> None:
        whole, less = tmp_path / "whole.safetensors", tmp_path / "less.safetensors"
        for path in (whole, less):
            network().save(path)
            color.TrainableColors().put_into(path)
        take_out(less, UNREAD)
        before, after = load_network("motif", weights=whole), load_network("motif", weights=less)
        assert after.classes == OFFERED
        assert set(after.description.natures) == set(OFFERED)
        stay = [before.classes.index(name) for name in OFFERED]
        theirs = after.state_dict()
        for name, tensor in before.state_dict().items():
            if not name.startswith("color"):  # each got other ones
                assert torch.equal(theirs[name], tensor[stay] if name.startswith("class.") else tensor)

    def test_a_drawing_for_one_of_them_sees_the_same(self, tmp_path: Path) -> None:
        whole, less = tmp_path / "whole.safetensors", tmp_path / "less.safetensors"
        for path in (whole, less):
            network().save(path)
        take_out(less, UNREAD)
        gains, gradients = [], []
        for path in (whole, less):
            image = torch.rand(2, 3, 64, 64, generator=random()).requires_grad_()
            seen = load_network("motif", weights=path)
            gains.append(seen.logits(image)[:, seen.classes.index("star")].mean())
            gradients.append(torch.autograd.grad(gains[-1], image)[0])
        torch.testing.assert_close(gains[1], gains[0], rtol=1e-6, atol=1e-6)  # a last bit may be summed otherwise
        assert torch.equal(gradients[1], gradients[0])
