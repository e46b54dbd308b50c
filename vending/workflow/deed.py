"""The deed of an account: whose it is, and how it stands between its team and the platform."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from vending.core.table import Document
from vending.ports import AccountState
from vending.requests.record import Record
from vending.workflow.services import Services


class Deed(BaseModel):
    """What Freehold keeps of an account it made; the rest is AWS's to tell."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    request_id: str
    team: str
    template: str
    state: AccountState
    monthly_budget_usd: int
    regions: tuple[str, ...]
    tags: Mapping[str, str]
    created_at: datetime
    ends_at: datetime | None
    baseline_version: str | None = None

    def document(self, version: int) -> Document:
        """As the table keeps it."""
        lists = {"all": "accounts", "team": f"accounts#{self.team}"}
        return Document(
            f"ACCOUNT#{self.account_id}", "DEED", self.model_dump(mode="json"), version, lists, self.account_id
        )


def write_deed(services: Services, record: Record, state: AccountState) -> None:
    """Write down whose account it is and how it stands; the same facts are not written twice."""
    account_id = str(record.account_id)
    found = services.table.get(f"ACCOUNT#{account_id}", "DEED")
    before = Deed(**found.body) if found else None
    after = _deed(services, record, state, before)
    if after != before:
        detail = {"team": after.team, "state": state.value, "request_id": record.id}
        services.table.commit(
            "workflow", f"account {state.value}", account_id, detail, after.document(found.version if found else 0)
        )


def _deed(services: Services, record: Record, state: AccountState, before: Deed | None) -> Deed:
    created_at = before.created_at if before else services.clock.now()
    days = services.company.templates[record.asked.template].days
    return Deed(
        account_id=str(record.account_id),
        request_id=record.id,
        team=record.asked.team,
        template=record.asked.template,
        state=state,
        monthly_budget_usd=record.asked.monthly_budget_usd,
        regions=record.asked.regions,
        tags=record.asked.tags,
        created_at=created_at,
        ends_at=created_at + timedelta(days=days) if days else None,
        baseline_version=services.baseline.version if state is AccountState.ACTIVE else None,
    )
