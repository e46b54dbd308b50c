"""ebs.enc: new volumes are encrypted unless somebody thinks of it."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:
    """In every governed region."""
    return Guardrail(
        id="ebs.enc",
        title="EBS encryption by default",
        intent="A lost or copied volume tells nobody anything.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.2.1", "CIS v5 5.1.1", "NIST 800-53 SC-28"),
        parameters={"regions": list(company.landing_zone.regions)},
        seen_as="It is not seen: volumes are encrypted. A snapshot shared with another account needs a shared key.",
        exemption="There is no exemption: `ebs.enc.lock` keeps it on. The key of a single volume is yours to choose.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="EBS encryption by default is on",
            read=_read,
            apply=_apply,
            holds=lambda observed: observed["enabled"] is True,
            tell=lambda observed: f"EBS encryption by default is {'on' if observed['enabled'] else 'off'}",
        ),
        allows=(State("it is on", {"enabled": True}),),
        denies=(State("it is off", {"enabled": False}),),
    )


def _read(place: Place) -> Observed:
    answer = place.aws.client("ec2", place.region, place.account_id).get_ebs_encryption_by_default()
    return {"enabled": answer["EbsEncryptionByDefault"]}


def _apply(place: Place) -> None:
    place.aws.client("ec2", place.region, place.account_id).enable_ebs_encryption_by_default()
