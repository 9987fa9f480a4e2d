"""A vsketch sketch that plotart draws: a motif of its network, in pens that you own.

vsk run sketch_motif.py     # in vsketch's window: change a value, and it is drawn anew
vsk save -s 1..4 sketch_motif.py
"""

from tempfile import TemporaryDirectory

import vsketch

from plotart import Config, generate, read_drawing

SET = "stabilo-point-88"
PENS = ["Point 88 Black", "Point 88 Carmine", "Point 88 Blue"]


class MotifSketch(vsketch.SketchClass):
    motif = vsketch.Param("spiral", choices=["spiral", "leaf", "fish", "plumage", "scales", "tiger"])
    strokes = vsketch.Param(100, 5, 400)
    length = vsketch.Param(20.0, 2.0, 60.0)  # mm
    steps = vsketch.Param(150, 5, 1000)

    def draw(self, vsk: vsketch.Vsketch) -> None:
        vsk.size("a6", landscape=False, center=False)
        vsk.scale("1mm")
        config = Config.from_dict(
            {
                "seed": int(vsk.random(2**31)),  # vsketch's seed is plotart's
                "page": {"size": "a6", "margin": "8mm"},
                "pens": {"set": SET, "only": PENS},
                "strokes": {"count": self.strokes, "length": self.length},
                "render": {"resolution": 192},
                "objective": [
                    {"type": "excitation", "network": "motif", "class": self.motif},
                    {"type": "smoothness", "weight": 0.5},
                ],
                "optimize": {"steps": self.steps},
            }
        )
        with TemporaryDirectory() as folder:
            drawing = read_drawing(generate(config, out=folder).path / "plot.svg")
        for layer in drawing.layers:
            vsk.stroke(PENS.index(layer.name) + 1)
            for line in layer.lines:
                vsk.polygon(line)

    def finalize(self, vsk: vsketch.Vsketch) -> None:
        pens = " ".join(f"-p '{name}'" for name in PENS)
        vsk.vpype(f"plotart penset {pens} {SET} plotart toolpath plotart stats")


if __name__ == "__main__":
    MotifSketch.display()
