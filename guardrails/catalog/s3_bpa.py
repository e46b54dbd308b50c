"""s3.bpa: no bucket of the account is public."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsFailed

SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
NEVER_SET = "NoSuchPublicAccessBlockConfiguration"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """All four switches, once an account."""
    return Guardrail(
        id="s3.bpa",
        title="S3 public access blocked for the whole account",
        intent="A bucket opened by mistake stays closed to the world.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.1.4", "CIS v5 2.1.4", "NIST 800-53 AC-3"),
        parameters={"switches": list(SWITCHES)},
        seen_as="A public ACL or bucket policy is refused, or has no effect.",
        exemption="Ask the platform team; public content is served through CloudFront, the bucket stays closed.",
        setting=Setting(
            regions=(),
            expected="all four public access blocks of the account are on",
            read=_read,
            apply=_apply,
            holds=lambda observed: all(observed.get(switch) is True for switch in SWITCHES),
            tell=_tell,
        ),
        allows=(State("all four are on", dict.fromkeys(SWITCHES, True)),),
        denies=(
            State("it was never set", {}),
            State("one is off", dict.fromkeys(SWITCHES, True) | {"RestrictPublicBuckets": False}),
        ),
    )


def _read(place: Place) -> Observed:
    s3control = place.aws.client("s3control", account_id=place.account_id)
    try:
        answer = s3control.get_public_access_block(AccountId=place.account_id)
    except AwsFailed as error:
        if error.aws_code != NEVER_SET:
            raise
        return {}
    found = answer["PublicAccessBlockConfiguration"]
    return {switch: bool(found.get(switch)) for switch in SWITCHES}


def _apply(place: Place) -> None:
    place.aws.client("s3control", account_id=place.account_id).put_public_access_block(
        AccountId=place.account_id, PublicAccessBlockConfiguration=dict.fromkeys(SWITCHES, True)
    )


def _tell(observed: Observed) -> str:
    off = [switch for switch in SWITCHES if not observed.get(switch)]
    return f"off: {', '.join(off)}" if off else "all four public access blocks of the account are on"
