"""ec2.public: snapshots and images are not public, and no instance has a serial console."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company

KEPT = {"snapshots": "block-all-sharing", "images": "block-new-sharing", "serial_console": False}
WORDS = {"snapshots": "public snapshots", "images": "public images", "serial_console": "serial console"}


def build(company: Company) -> Guardrail:
    """The setting behind the policy `decl.ec2`: where that policy hangs EC2 answers as it says, and nothing is set."""
    return Guardrail(
        id="ec2.public",
        title="No public snapshots and images, no serial console",
        intent="Whoever shares with everybody shares with whoever scans for it, within the hour.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("NIST 800-53 AC-3", "≈NIST 800-53 AC-21"),
        parameters={**KEPT, "regions": list(company.landing_zone.regions)},
        seen_as="Sharing a snapshot or an image with everybody answers OperationNotPermitted.",
        exemption="Ask the platform team: an account that has to publish images gets an OU of its own.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="public snapshots: block-all-sharing; public images: block-new-sharing; serial console: off",
            read=_read,
            apply=_apply,
            holds=lambda observed: all(observed.get(name) == value for name, value in KEPT.items()),
            tell=_tell,
        ),
        allows=(State("as applied", KEPT),),
        denies=(
            State("snapshots can be public", KEPT | {"snapshots": "unblocked"}),
            State("images can be public", KEPT | {"images": "unblocked"}),
            State("the serial console is open", KEPT | {"serial_console": True}),
        ),
    )


def _read(place: Place) -> Observed:
    ec2 = place.aws.client("ec2", place.region, place.account_id)
    return {
        "snapshots": ec2.get_snapshot_block_public_access_state()["State"],
        "images": ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"],
        "serial_console": ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"],
    }


def _apply(place: Place) -> None:
    """Only what is not so: a policy may keep one of the three already, and refuses to have it set."""
    ec2, found = place.aws.client("ec2", place.region, place.account_id), _read(place)
    if found["snapshots"] != KEPT["snapshots"]:
        ec2.enable_snapshot_block_public_access(State=KEPT["snapshots"])
    if found["images"] != KEPT["images"]:
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState=KEPT["images"])
    if found["serial_console"]:
        ec2.disable_serial_console_access()


def _tell(observed: Observed) -> str:
    said = {**observed, "serial_console": "on" if observed["serial_console"] else "off"}
    return "; ".join(f"{words}: {said[name]}" for name, words in WORDS.items())
