"""decl.ec2: EC2 itself keeps snapshots, images, consoles and metadata closed."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Part, State
from vending.core.company import Company

KEPT = {
    "snapshot_block_public_access": "block-all-sharing",
    "image_block_public_access": "block-new-sharing",
    "serial_console_access": "disabled",
    "http_tokens": "required",
}


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """A declarative policy is enforced by the service, so no role is exempt and new actions need no new statement
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html)."""
    return Guardrail(
        id="decl.ec2",
        title="No public snapshots and images, no serial console, IMDSv2 by default",
        intent="What is public by one click is closed by the service itself, whoever clicks.",
        mechanism=Mechanism.EC2,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 5.6", "CIS v5 5.7", "NIST 800-53 AC-3", "≈NIST 800-53 AC-21"),
        parameters=dict(KEPT),
        seen_as="The EC2 console says that the setting is managed by a declarative policy; changing it is refused.",
        exemption="Ask the platform team: an account that has to publish images gets an OU of its own.",
        part=Part(
            {
                "ec2_attributes": {
                    "snapshot_block_public_access": {"state": {"@@assign": "block_all_sharing"}},
                    "image_block_public_access": {"state": {"@@assign": "block_new_sharing"}},
                    "serial_console_access": {"status": {"@@assign": "disabled"}},
                    "instance_metadata_defaults": {
                        "http_tokens": {"@@assign": "required"},
                        "http_put_response_hop_limit": {"@@assign": "2"},
                        "http_endpoint": {"@@assign": "no_preference"},
                        "instance_metadata_tags": {"@@assign": "no_preference"},
                    },
                }
            },
            "snapshots and images not public, serial console disabled, IMDSv2 the default",
            _holds,
        ),
        allows=(State("as the policy says", KEPT),),
        denies=(
            State("snapshots can be public", KEPT | {"snapshot_block_public_access": "unblocked"}),
            State("images can be public", KEPT | {"image_block_public_access": "unblocked"}),
            State("the serial console is open", KEPT | {"serial_console_access": "enabled"}),
            State("metadata without a token", KEPT | {"http_tokens": "optional"}),
        ),
    )


def _holds(observed: Observed) -> bool:
    return all(observed.get(name) == value for name, value in KEPT.items())
