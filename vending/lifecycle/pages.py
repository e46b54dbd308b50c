"""The pages of accounts: whose they are, what was read back, how to get in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from vending.core.company import Company
from vending.core.errors import NotFound
from vending.core.identity import Caller
from vending.core.shell import caller_of, render
from vending.lifecycle.accounts import Accounts
from vending.ports import Account
from vending.workflow.evidence import Evidence

ON_A_PAGE = 50
TOKEN_COMMAND = "freehold token --as {username}"  # noqa: S105 (a command, not a token)

Who = Annotated[Caller, Depends(caller_of)]


@dataclass(frozen=True)
class WayIn:
    """How somebody gets credentials of an account in a shell."""

    token_command: str = TOKEN_COMMAND
    """Prints an access token of the issuer; `{username}` is filled in."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What must be set before the AWS CLI talks to the right place."""

    def commands(self, region: str, username: str, account_id: str, permission_set: str) -> str:
        """Lines for a shell that leave it with credentials of the permission set in the account."""
        token = self.token_command.format(username=username)
        return "\n".join(
            (
                *(f"export {name}={value}" for name, value in self.environment.items()),
                'read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$(',
                f"  aws sso get-role-credentials --region {region} --account-id {account_id} \\",
                f'    --role-name {permission_set} --access-token "$({token})" \\',
                "    --query 'roleCredentials.[accessKeyId,secretAccessKey,sessionToken]' --output text)\"",
                "export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
            )
        )


def routes(company: Company, accounts: Accounts, way_in: WayIn) -> APIRouter:
    """Every page under `/accounts`."""
    router = APIRouter(prefix="/accounts")

    @router.get("")
    def list_accounts(request: Request, caller: Who, team: str = "", cursor: str | None = None) -> Response:
        page = accounts.list(caller, team=team or None, limit=ON_A_PAGE, cursor=cursor)
        teams = [name for name in company.teams if caller.may_see(name)]
        return render(request, "accounts.html", page=page, chosen={"team": team}, teams=teams)

    @router.get("/{account_id}")
    def show(request: Request, caller: Who, account_id: str) -> Response:
        account = accounts.show(caller, account_id)
        access = _access(company, account)
        region = company.landing_zone.home_region
        return render(
            request,
            "account.html",
            account=account,
            access=access,
            commands=way_in.commands(region, caller.username, account_id, access) if access else None,
            evidence=_evidence(accounts, caller, account_id),
            may_verify=account.request_id is not None and caller.may_ask_for(account.team or ""),
            panels=request.app.state.account_panels(request, account, caller),
        )

    @router.get("/{account_id}/evidence.json")
    def download(caller: Who, account_id: str) -> Response:
        evidence = accounts.evidence(caller, account_id)
        name = f"evidence-{account_id}-{evidence.taken_at:%Y-%m-%dT%H%M%SZ}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(evidence.model_dump_json(indent=2), media_type="application/json", headers=headers)

    @router.post("/{account_id}/verify")
    def verify(caller: Who, account_id: str) -> Response:
        accounts.verify(caller, account_id)
        return RedirectResponse(f"/accounts/{account_id}#evidence", status_code=303)

    return router


def _access(company: Company, account: Account) -> str | None:
    """The permission set of the team's group; None for an account that no team has."""
    template = company.templates.get(account.template or "")
    return template.access if template and account.team else None


def _evidence(accounts: Accounts, caller: Caller, account_id: str) -> Evidence | None:
    """What was read back last; None for an account from which nothing was read."""
    try:
        return accounts.evidence(caller, account_id)
    except NotFound:
        return None
