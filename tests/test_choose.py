"""The colours that pens mix on paper, and the best few pens for a picture."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch
from torch import Tensor

from plotart.canvas.renderer import Renderer
from plotart.color import linear, parse_color, to_hex
from plotart.color.light import srgb_to_linear
from plotart.errors import PenError
from plotart.geometry.page import Page
from plotart.palette.choose import Choice, Selection, choose
from plotart.palette.gamut import bare_differences, hatches, mixed_differences, solid_differences
from plotart.palette.palettes import Inks
from plotart.pens import Ink, Pen, PenSet

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pens_of(count: int, seed: int = 0) -> PenSet:
    shades = torch.randint(0, 256, (count, 3), generator=random(seed)).tolist()
    return PenSet(
        [Pen(f"P{k}", to_hex((shade[0] / 255, shade[1] / 255, shade[2] / 255)), 0.4) for k, shade in enumerate(shades)]
    )


def picture(count: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    return torch.rand(count, 3, generator=random(seed)) ** 2, 0.2 + torch.rand(count, generator=random(seed + 1))


def light(*colors: str) -> Tensor:
    return torch.tensor([linear(parse_color(color)) for color in colors])


INKS = PenSet([Pen(name, name, 0.4) for name in ("yellow", "cyan", "magenta", "grey", "brown", "black")])


class TestGamut:
    def test_hatches_go_from_bare_paper_to_both_inks(self) -> None:
        found = hatches(INKS, 0, 1, WHITE).reshape(9, 9, 3)
        assert found[0, 0].tolist() == [1, 1, 1]
        torch.testing.assert_close(found[8, 0].float(), light("yellow")[0])
        torch.testing.assert_close(found[0, 8].float(), light("cyan")[0])
        torch.testing.assert_close(found[8, 8], torch.tensor([0.0, 1, 0], dtype=torch.float64))
        torch.testing.assert_close(found[4, 4], (found[0, 0] + found[8, 0] + found[0, 8] + found[8, 8]) / 4)

    @pytest.mark.parametrize("second", ["transparent", "opaque"])
    def test_a_hatch_that_is_drawn_is_what_was_foreseen(self, second: Ink) -> None:
        """Upright lines of one pen under level ones of another, each covering half, drawn by the renderer."""
        page, pens = Page(16, 16, 0, "#f4ecd8"), PenSet([Pen("A", "#e0a020", 1), Pen("B", "#3060c0", 1, second, 0.8)])
        at = torch.arange(1, 16, 2.0)
        ends = torch.linspace(-2, 18, 4)
        upright = torch.stack([at[:, None].expand(-1, 4), ends.expand(8, -1)], dim=-1)
        points = torch.cat([upright, upright.flip(-1)]).reshape(-1, 2)
        pen = torch.arange(2).repeat_interleave(8)
        inks = Inks(pens.widths[pen], pens.reflectance[pen], pens.transmittance[pen])
        drawn = Renderer(resolution=256, oversample=4).image(points, torch.full((16,), 4), inks, page)
        foreseen = hatches(pens, 0, 1, page.paper).reshape(9, 9, 3)[4, 4]
        torch.testing.assert_close(srgb_to_linear(drawn).mean(dim=(0, 2, 3)), foreseen.float(), atol=2e-3, rtol=0)

    def test_measured_overprints_count(self) -> None:
        pens = PenSet(INKS, {("yellow", "cyan"): (0.1, 0.2, 0.3)})
        assert hatches(pens, 0, 1, WHITE)[-1].tolist() == pytest.approx([0.1, 0.2, 0.3])

    def test_two_inks_mix_what_neither_is(self) -> None:
        """Green out of yellow and cyan."""
        green = light("lime")
        assert float(mixed_differences(green, INKS, WHITE)[0, 0, 1]) < 1
        assert float(mixed_differences(green, INKS, WHITE)[0, 0, 0]) > 20
        assert float(solid_differences(green, INKS, WHITE).min()) > 20

    def test_tables_are_symmetric(self) -> None:
        table = mixed_differences(picture(7)[0], INKS, WHITE)
        assert torch.equal(table, table.transpose(1, 2))


class TestSelection:
    def problem(self, seed: int, pens: int, *, mixed: bool = True) -> Selection:
        colors, weights = picture(40, seed)
        table = (mixed_differences if mixed else solid_differences)(colors, pens_of(pens, seed), WHITE)
        return Selection(table, bare_differences(colors, WHITE), weights)

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("count", [1, 3, 5])
    def test_the_error_is_that_of_the_best_pair_for_each_colour(self, seed: int, count: int) -> None:
        colors, weights = picture(40, seed)
        pens = pens_of(7, seed)
        table, bare = mixed_differences(colors, pens, WHITE), bare_differences(colors, WHITE)
        for places in list(combinations(range(7), count))[:4]:
            best = bare.clone()
            for one in places:
                for other in places:
                    best = torch.minimum(best, table[:, one, other])
            expected = float((best * weights).sum() / weights.sum())
            assert Selection(table, bare, weights).error(places) == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("mixed", [True, False])
    @pytest.mark.parametrize("seed", range(6))
    def test_the_search_alone_gains_99_percent_of_what_can_be_gained(
        self, seed: int, mixed: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        problem = self.problem(seed, 12, mixed=mixed)
        for count in (2, 4, 6):
            least = min(problem.error(places) for places in combinations(range(12), count))
            with monkeypatch.context() as patch:
                patch.setattr("plotart.palette.choose.EXHAUSTIVE", 0)
                found = problem.error(problem.best(count, taken=[], allowed=list(range(12))))
            bare = problem.error([])
            assert bare - found >= 0.99 * (bare - least)
            every = problem.best(count, taken=[], allowed=list(range(12)))
            assert problem.error(every) == pytest.approx(least, abs=1e-5)

    @pytest.mark.parametrize("seed", range(3))
    def test_never_worse_than_greedy(self, seed: int) -> None:
        problem, allowed = self.problem(seed, 24), list(range(24))
        for count in (3, 6, 9):
            greedy = problem.greedy(count, taken=[], allowed=allowed)
            assert len(set(greedy)) == count
            assert problem.error(problem.best(count, taken=[], allowed=allowed)) <= problem.error(greedy) + 1e-6

    def test_what_must_be_taken_is_and_what_is_not_allowed_is_not(self) -> None:
        problem = self.problem(0, 24)
        found = problem.best(6, taken=[3, 20], allowed=[p for p in range(24) if p not in (0, 1, 2)])
        assert len(set(found)) == 6
        assert {3, 20} <= set(found)
        assert not {0, 1, 2} & set(found)


class TestChoose:
    def choice(self, count: int = 3, **options: object) -> Choice:
        colors = light("white", "lime", "blue", "red", "yellow")
        return choose(colors, torch.ones(5), INKS, count, **options)  # type: ignore[arg-type]

    def test_three_inks_that_mix_all_others(self) -> None:
        found = self.choice()
        assert set(found.pens.names) == {"yellow", "cyan", "magenta"}
        assert found.error < 1
        assert found.error == pytest.approx(found.all_pens, abs=0.01)
        assert found.bare > 20

    def test_plotted_light_to_dark_and_each_pens_gain_is_told(self) -> None:
        found = self.choice()
        assert found.pens.names == found.pens.light_to_dark().names
        assert [INKS.light_to_dark()[gain.pen].name for gain in found.gains] == list(found.pens.names)
        assert all(gain.gain > 1 for gain in found.gains)
        assert all(0 < gain.share <= 0.8 for gain in found.gains)

    def test_nearest_solid_colours_mix_nothing(self) -> None:
        wanted = light("black", "brown", "grey")
        found = choose(wanted, torch.ones(3), INKS, 3, criterion="nearest")
        assert set(found.pens.names) == {"grey", "brown", "black"}
        assert found.error == pytest.approx(0, abs=1e-3)
        assert self.choice(criterion="nearest").error > self.choice().error

    def test_mixing_is_never_worse_than_solid_areas(self) -> None:
        colors, weights = picture(60)
        for count in (2, 4):
            mixed, nearest = (
                choose(colors, weights, pens_of(14), count, criterion=criterion)  # type: ignore[arg-type]
                for criterion in ("mixed", "nearest")
            )
            assert mixed.error <= nearest.error + 1e-5

    def test_must_and_forbid(self) -> None:
        found = self.choice(must=["black"], forbid=["cyan"])
        assert "black" in found.pens.names
        assert "cyan" not in found.pens.names

    def test_white_gel_for_black_paper(self) -> None:
        pens = PenSet([Pen("Gel", "white", 0.4, "opaque", 0.9), *INKS])
        found = choose(light("white", "grey", "black"), torch.ones(3), pens, 1, paper=BLACK)
        assert found.pens.names == ("Gel",)
        assert found.error < 4

    def test_all_pens_can_be_chosen(self) -> None:
        assert len(self.choice(6).pens) == 6

    @pytest.mark.parametrize(
        ("count", "options", "message"),
        [
            (0, {}, "0 pens can't be chosen: allowed are 1 to 6"),
            (7, {}, "7 pens can't be chosen: allowed are 1 to 6"),
            (6, {"forbid": ["black"]}, "allowed are 1 to 5, of 6 pens with 0 that must be taken and 1 forbidden"),
            (1, {"must": ["black", "cyan"]}, "allowed are 2 to 6"),
            (2, {"must": ["pink"]}, "no pen is called 'pink'"),
            (2, {"must": ["cyan"], "forbid": ["cyan"]}, "must and forbid both name cyan"),
        ],
    )
    def test_what_cant_be_had(self, count: int, options: dict[str, object], message: str) -> None:
        with pytest.raises(PenError, match=message):
            self.choice(count, **options)
