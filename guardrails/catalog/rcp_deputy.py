"""rcp.deputy: an AWS service works for the company's own accounts, not for whoever asked it to."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = ("kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*")
FOR_OURS = {
    "aws:ResourceOrgID": "o-exampleorgid",
    "aws:PrincipalIsAWSService": "true",
    "aws:SourceAccount": "111122223333",
    "aws:SourceOrgID": "o-exampleorgid",
}


def build(company: Company) -> Guardrail:
    """Only where the service says for whom it works (`aws:SourceAccount`): some calls of services say nothing."""
    partners = company.guardrails.partner_accounts
    thing = "arn:aws:s3:::ledger-data/2026/11.parquet"
    for_others = FOR_OURS | {"aws:SourceAccount": "999999999999", "aws:SourceOrgID": "o-elsewhere000"}
    nobodys = {key: value for key, value in for_others.items() if key != "aws:SourceOrgID"}
    silent = {key: value for key, value in FOR_OURS.items() if not key.startswith("aws:Source")}
    other: dict[str, str | tuple[str, ...]] = {"aws:SourceOrgID": "${aws:ResourceOrgID}"}
    if partners:
        other["aws:SourceAccount"] = partners
    return Guardrail(
        id="rcp.deputy",
        title="AWS services cannot be sent by strangers",
        intent="A service that may write to your bucket may be told to by anybody in the world; this binds it to you.",
        mechanism=Mechanism.RCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 AC-4",),
        parameters={"actions": list(ACTIONS), "partner_accounts": list(partners)},
        seen_as="A service that works for an account outside the organisation gets AccessDenied.",
        exemption="Ask the security team; an account of a partner is named in the company file.",
        statements=(
            Deny(
                "RcpDeputy",
                actions=ACTIONS,
                condition={
                    "StringNotEqualsIfExists": other,
                    "Null": {"aws:SourceAccount": "false", "aws:ResourceOrgID": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                },
                principal="*",
            ),
        ),
        allows=(
            Call("a service works for the company", "*", "s3:PutObject", thing, FOR_OURS),
            Call("a service that does not say for whom", "*", "s3:PutObject", thing, silent),
            Call("a workload reads", TEAM_WORKLOAD, "s3:GetObject", thing),
        ),
        denies=(
            Call("a service sent from another organisation", "*", "s3:PutObject", thing, for_others),
            Call("a service sent from an account of none", "*", "sqs:SendMessage", "*", nobodys),
        ),
    )
