"""ssm.sharing: no document of the account is public."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company

SETTING = "/ssm/documents/console/public-sharing-permission"
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html#block-public-access"""
OFF = "Disable"


def build(company: Company) -> Guardrail:
    """In every governed region; documents shared before stay as they are, and `d.exp` finds them."""
    return Guardrail(
        id="ssm.sharing",
        title="Documents of Systems Manager are not public",
        intent="A runbook says how things are run, and now and then a password with it.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("NIST 800-53 AC-3",),
        parameters={"setting": SETTING, "value": OFF, "regions": list(company.landing_zone.regions)},
        seen_as="Sharing a document with everybody is refused; with single accounts it works where guardrails let it.",
        exemption="There is no exemption; a document goes to the accounts that need it.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="public sharing of documents is blocked",
            read=_read,
            apply=_apply,
            holds=lambda observed: observed["public_sharing"] == OFF,
            tell=lambda observed: f"public sharing of documents is {_WORDS.get(observed['public_sharing'], 'unclear')}",
        ),
        allows=(State("blocked", {"public_sharing": OFF}),),
        denies=(State("as AWS starts it", {"public_sharing": "Enable"}),),
    )


_WORDS = {OFF: "blocked", "Enable": "allowed"}


def _read(place: Place) -> Observed:
    ssm = place.aws.client("ssm", place.region, place.account_id)
    return {"public_sharing": ssm.get_service_setting(SettingId=SETTING)["ServiceSetting"]["SettingValue"]}


def _apply(place: Place) -> None:
    ssm = place.aws.client("ssm", place.region, place.account_id)
    ssm.update_service_setting(SettingId=SETTING, SettingValue=OFF)
