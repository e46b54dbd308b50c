"""The parts of the account page that other packages contribute."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from markupsafe import Markup

from vending.core.errors import FreeholdError
from vending.core.identity import Caller
from vending.ports import Account, Panel
from vending.web.rendering import Renderer


@dataclass(frozen=True)
class Rendered:
    """A panel as the page shows it."""

    title: str
    html: Markup


class Panels:
    """Everybody's panels, in their order."""

    def __init__(self, renderer: Renderer, panels: Sequence[Panel]) -> None:
        self._renderer = renderer
        self._panels = sorted(panels, key=lambda panel: panel.order)

    def of_account(self, request: Request, account: Account, caller: Caller) -> list[Rendered]:
        """The panels of one account; one whose content cannot be had says why instead."""
        return [Rendered(panel.title, self._content(panel, request, account, caller)) for panel in self._panels]

    def _content(self, panel: Panel, request: Request, account: Account, caller: Caller) -> Markup:
        try:
            found = panel.load(account, caller)
        except FreeholdError as error:
            return self._renderer.fragment(request, "panel_failed.html", {"error": error})
        return self._renderer.fragment(request, panel.template, {"account": account, **found})
