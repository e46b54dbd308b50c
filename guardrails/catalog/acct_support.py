"""acct.support: somebody in the account may ask AWS for help."""

import json

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsConflict

ROLE = "AWSSupportAccess"
POLICY = "arn:aws:iam::aws:policy/AWSSupportAccess"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """A role that anybody in the account whom its administrators let may assume; it may talk to AWS Support alone."""
    return Guardrail(
        id="acct.support",
        title="A role for AWS Support",
        intent="In the night when it burns nobody has to find out first who may open a case.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.17", "CIS v5 1.16"),
        parameters={"role": ROLE, "policy": POLICY},
        seen_as=f"A role `{ROLE}` is in the account; it opens and follows cases.",
        exemption="No exemption is needed; a role of the team's own with that policy counts as well.",
        setting=Setting(
            regions=(),
            expected=f"a role with the policy {ROLE}",
            read=_read,
            apply=_apply,
            holds=lambda observed: bool(observed["roles"]),
            tell=lambda observed: f"roles for support: {', '.join(observed['roles']) or 'none'}",
        ),
        allows=(State("as applied", {"roles": [ROLE]}),),
        denies=(State("no role has the policy", {"roles": []}),),
    )


def _read(place: Place) -> Observed:
    iam = place.aws.client("iam", account_id=place.account_id)
    found = iam.list_entities_for_policy(PolicyArn=POLICY, EntityFilter="Role")
    return {"roles": [role["RoleName"] for role in found["PolicyRoles"]]}


def _apply(place: Place) -> None:
    iam = place.aws.client("iam", account_id=place.account_id)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{place.account_id}:root"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document, Description="Opens cases with AWS Support")
    except AwsConflict as error:
        if error.aws_code != "EntityAlreadyExists":
            raise
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=POLICY)
