"""What the page asks for, one module for each kind of thing."""

from plotart.studio.routes import catalogue, charts, page, paper, pictures, plots, registers, versions

# The ways of versions come last: the shortest of them would take any that is longer.
ROUTES = [
    *page.ROUTES,
    *pictures.ROUTES,
    *catalogue.ROUTES,
    *charts.ROUTES,
    *registers.ROUTES,
    *paper.ROUTES,
    *plots.ROUTES,
    *versions.ROUTES,
]
