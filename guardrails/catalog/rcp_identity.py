"""rcp.identity: buckets, keys, queues, secrets and roles are reached by the company's own identities."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = (
    "kms:*",
    "s3:*",
    "secretsmanager:*",
    "sqs:*",
    "sts:AssumeRole",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
    "sts:SetContext",
)
"""Without the calls that come from people and machines signing in elsewhere (`sts:AssumeRoleWithSAML`,
`sts:AssumeRoleWithWebIdentity`): whoever makes those has no principal of any organisation yet."""
OURS = {"aws:ResourceOrgID": "o-exampleorgid"}
MINE = OURS | {"aws:PrincipalOrgID": "o-exampleorgid", "aws:PrincipalIsAWSService": "false"}
SERVICE = OURS | {"aws:PrincipalIsAWSService": "true"}
STRANGER = OURS | {
    "aws:PrincipalOrgID": "o-elsewhere000",
    "aws:PrincipalAccount": "999999999999",
    "aws:PrincipalIsAWSService": "false",
}
ATTACKER, THING = "arn:aws:iam::999999999999:role/x", "arn:aws:s3:::ledger-data/2026/11.parquet"
FRIENDS = (
    Call("a workload of the company reads", TEAM_WORKLOAD, "s3:GetObject", THING, MINE),
    Call("an AWS service writes its logs", "*", "s3:PutObject", THING, SERVICE),
    Call(
        "a role of the company is assumed",
        TEAM_WORKLOAD,
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:role/x",
        MINE,
    ),
)
STRANGERS = (
    Call("a stranger reads", ATTACKER, "s3:GetObject", THING, STRANGER),
    Call("nobody at all reads", "*", "s3:GetObject", THING, OURS),
    Call("a stranger assumes a role", ATTACKER, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/x", STRANGER),
    Call("a stranger decrypts", ATTACKER, "kms:Decrypt", "*", STRANGER),
)


def build(company: Company) -> Guardrail:
    """The organisation is compared with the resource's own, so that no id stands in the policy; `Null` keeps the
    statement from everything whose organisation AWS does not tell, where the variable would stay empty and everybody
    would be denied."""
    partners = company.guardrails.partner_accounts
    elsewhere: dict[str, str | tuple[str, ...]] = {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}
    if partners:
        elsewhere["aws:PrincipalAccount"] = partners
    return Guardrail(
        id="rcp.identity",
        title="Data is reached by the company's own identities only",
        intent="A bucket policy that lets a stranger in is one typing error away; here the stranger stays out.",
        mechanism=Mechanism.RCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("≈NIST 800-53 AC-3", "≈NIST 800-53 AC-4"),
        parameters={"actions": list(ACTIONS), "partner_accounts": list(partners)},
        seen_as="Somebody outside the organisation gets AccessDenied although the resource's policy lets them in.",
        exemption="Ask the security team; an account of a partner is named in the company file.",
        statements=(
            Deny(
                "RcpIdentity",
                actions=ACTIONS,
                condition={
                    "StringNotEqualsIfExists": elsewhere,
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    "Null": {"aws:ResourceOrgID": "false"},
                },
                principal="*",
            ),
        ),
        allows=(*FRIENDS, *(_partner(account) for account in partners[:1])),
        denies=STRANGERS,
    )


def _partner(account: str) -> Call:
    name, role = "a partner of the company file reads", f"arn:aws:iam::{account}:role/reader"
    return Call(name, role, "s3:GetObject", THING, STRANGER | {"aws:PrincipalAccount": account})
