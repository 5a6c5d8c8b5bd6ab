"""The report as one web page that needs nothing else, and runs nothing."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from edepot.fixity_report.told import Told
from edepot.messages import Words
from formats.spelling import shown


def render_html(told: Told, words: Words) -> str:
    """The page. Every text in it is escaped; the drawings are ours."""
    environment = Environment(
        loader=PackageLoader("edepot"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    environment.filters["drawn"] = _drawn
    return environment.get_template("fixity_report.html.jinja").render(told=told, words=words)


def _drawn(svg: str, prefix: str) -> Markup:
    """A drawing in the page; what it names within itself gets a name of its own."""
    own = svg.replace('id="late"', f'id="{prefix}-late"').replace("#late)", f"#{prefix}-late)")
    return Markup(own)  # noqa: S704 - made by figures.py, which escapes every text in it
