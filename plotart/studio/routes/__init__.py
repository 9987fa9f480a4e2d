"""What the page asks for, one module for each kind of thing."""

from plotart.studio.routes import page, pictures, versions

ROUTES = [*page.ROUTES, *pictures.ROUTES, *versions.ROUTES]
