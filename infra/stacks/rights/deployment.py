"""What guardrails deploy besides policies: Control Tower's controls and organisation conformance packs."""

from guardrails.enforcement.organizations import TAG
from infra.stacks.names import Names
from infra.stacks.rights.right import NO_RESOURCE, Right

PACKS = "guardrails.enforcement.conformance_packs"
DRAWN = "AWS draws the id of what is enabled or deployed; it is bound to this account"


def control_rights(names: Names) -> tuple[Right, ...]:
    """Controls are found in the catalogue, enabled with our tag, looked at and taken back."""
    if not names.control_tower:
        return ()
    caller = "guardrails.enforcement.control_tower"
    enabled = f"arn:aws:controltower:{names.region}:{names.management}:enabledcontrol/*"
    return (
        Right(("controlcatalog:ListControls",), ("*",), caller, NO_RESOURCE),
        Right(
            ("controlcatalog:GetControl",),
            ("arn:aws:controlcatalog:::control/*",),
            caller,
            "the catalogue is AWS's own, and the same for everybody",
        ),
        Right(("controltower:GetControlOperation", "controltower:ListEnabledControls"), ("*",), caller, NO_RESOURCE),
        Right(("controltower:GetEnabledControl", "controltower:ListTagsForResource"), (enabled,), caller, DRAWN),
        Right(
            ("controltower:EnableControl", "controltower:TagResource"),
            ("*",),
            caller,
            "the control that is enabled and tagged has no ARN yet; only calls with our tag are allowed",
            {"Null": {f"aws:RequestTag/{TAG}": "false"}},
        ),
        Right(
            ("controltower:DisableControl", "controltower:ResetEnabledControl", "controltower:UpdateEnabledControl"),
            (enabled,),
            caller,
            DRAWN,
        ),
    )


def pack_rights(names: Names) -> tuple[Right, ...]:
    """Our conformance packs are put and deleted, in every governed region."""
    return (
        Right(("config:DescribeOrganizationConformancePackStatuses",), ("*",), PACKS, NO_RESOURCE),
        Right(
            ("config:DeleteOrganizationConformancePack", "config:PutOrganizationConformancePack"),
            _packs(names),
            PACKS,
            DRAWN,
        ),
        *_pack_reads(),
    )


def pack_states(names: Names) -> tuple[Right, ...]:
    """How a pack of ours went in each account."""
    return (Right(("config:GetOrganizationConformancePackDetailedStatus",), _packs(names), "guardrails.watch", DRAWN),)


def watch_rights(names: Names) -> tuple[Right, ...]:
    """What is deployed to one account, read back: its packs, and the controls of its OU."""
    packs = (*_pack_reads(), *pack_states(names))
    if not names.control_tower:
        return packs
    caller = "guardrails.watch"
    return (
        *packs,
        Right(("controlcatalog:ListControls",), ("*",), caller, NO_RESOURCE),
        Right(("controltower:ListEnabledControls",), ("*",), caller, NO_RESOURCE),
    )


def _pack_reads() -> tuple[Right, ...]:
    """The packs of the organisation; Config asks Organizations who may know."""
    return (
        Right(("config:DescribeOrganizationConformancePacks",), ("*",), PACKS, NO_RESOURCE),
        Right(("organizations:ListDelegatedAdministrators",), ("*",), PACKS, NO_RESOURCE, by_service=True),
    )


def _packs(names: Names) -> tuple[str, ...]:
    return (f"arn:aws:config:*:{names.account}:organization-conformance-pack/*",)
