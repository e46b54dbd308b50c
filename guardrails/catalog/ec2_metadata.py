"""ec2.metadata: instances ask for their credentials with a token unless their launch says otherwise."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company

REQUIRED = "required"
HOPS = 2
"""One more than AWS's own default, so that a container on an instance still reaches it
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html)."""


def build(company: Company) -> Guardrail:
    """In every governed region; where `decl.ec2` hangs EC2 answers as that policy says, and nothing is set."""
    return Guardrail(
        id="ec2.metadata",
        title="IMDSv2 is the default of new instances",
        intent="A web server that can be talked into one request gives its role away without it.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 5.6", "CIS v5 5.7", "NIST 800-53 AC-3", "PCI DSS 2.2"),
        parameters={"http_tokens": REQUIRED, "hops": HOPS, "regions": list(company.landing_zone.regions)},
        seen_as="It is not seen, but by a program too old to fetch a token first: it gets no credentials.",
        exemption="No exemption is needed in the sandbox: a launch may say `HttpTokens=optional` there.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="new instances require a token",
            read=_read,
            apply=_apply,
            holds=lambda observed: observed.get("http_tokens") == REQUIRED,
            tell=lambda observed: f"tokens of new instances: {observed.get('http_tokens', 'as the image says')}",
        ),
        allows=(State("a token is required", {"http_tokens": REQUIRED}),),
        denies=(
            State("a token is optional", {"http_tokens": "optional"}),
            State("never set", {}),
        ),
    )


def _read(place: Place) -> Observed:
    answer = place.aws.client("ec2", place.region, place.account_id).get_instance_metadata_defaults()
    tokens = answer.get("AccountLevel", {}).get("HttpTokens")
    return {"http_tokens": tokens} if tokens else {}


def _apply(place: Place) -> None:
    ec2 = place.aws.client("ec2", place.region, place.account_id)
    ec2.modify_instance_metadata_defaults(HttpTokens=REQUIRED, HttpPutResponseHopLimit=HOPS)
