"""Pages: Jinja2 templates that extend `page.html`, with the menu and the visitor filled in."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vending.core.clock import to_text
from vending.core.identity import Caller
from vending.ports import MenuEntry
from vending.web.csrf import csrf_field
from vending.web.signin import login_url, signed_in

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Renderer:
    """Renders the pages of the shell and of everybody who contributes."""

    def __init__(
        self,
        company: str,
        folders: Sequence[Path],
        menu: Sequence[MenuEntry],
        visitor: Callable[[Request], Caller | None],
    ) -> None:
        self._menu = sorted(menu, key=lambda entry: entry.order)
        self._visitor = visitor
        self._templates = Environment(
            loader=FileSystemLoader([HERE / "templates", *folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(company=company, static=static_addresses().__getitem__)
        self._templates.filters.update({f.__name__: f for f in (moment, clock, duration, dollars, words, sentence)})

    def render(self, request: Request, template: str, status_code: int, context: Mapping[str, Any]) -> HTMLResponse:
        """The page, with what `page.html` needs beside `context`."""
        return HTMLResponse(self.fragment(request, template, context), status_code)

    def fragment(self, request: Request, template: str, context: Mapping[str, Any]) -> Markup:
        """The template as text that a page may include."""
        caller = self._visitor(request)
        shell = {
            "request": request,
            "path": request.url.path,
            "caller": caller,
            "person": signed_in(request) if caller else None,
            "menu": [entry for entry in self._menu if caller and entry.visible(caller)],
            "login_url": login_url(request),
            "csrf_field": lambda: csrf_field(request),
        }
        # Autoescape is on for every template, so what comes out is safe to include.
        return Markup(self._templates.get_template(template).render({**shell, **context}))  # noqa: S704


def static_addresses() -> dict[str, str]:
    """Static file -> its address, which changes with its content so that it may be cached for ever."""
    return {file.name: f"/static/{file.name}?v={_digest(file)}" for file in sorted(STATIC.iterdir()) if file.is_file()}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def moment(when: datetime | None) -> Markup:
    """A point in time, to the second in UTC; a dash for none."""
    if when is None:
        return Markup('<span class="muted">&ndash;</span>')
    text = when.strftime("%-d %b %Y, %H:%M:%S UTC")
    return Markup('<time datetime="{}">{}</time>').format(to_text(when), text)


def clock(when: datetime) -> Markup:
    """A point in time without its year, for lists that say elsewhere that they are in UTC."""
    return Markup('<time datetime="{}">{}</time>').format(to_text(when), when.strftime("%-d %b, %H:%M:%S"))


def duration(span: timedelta | float) -> str:
    """A length of time in its two largest units: `3 h 5 min`, `42 s`."""
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    sizes = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for unit, size in sizes:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def dollars(amount: float | None) -> str:
    """Whole US dollars; `not set` for none."""
    return "not set" if amount is None else f"${amount:,.0f}"


def words(code: str) -> str:
    """A code as words: `awaiting_approval` is `awaiting approval`."""
    return code.replace("_", " ").replace("-", " ")


def sentence(text: str) -> str:
    """A phrase as a sentence: a capital in front, a full stop behind."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
