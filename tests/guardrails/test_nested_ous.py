"""OUs below the OU of a class, in which its guardrails hold without being attached."""

import pytest

from guardrails.baseline import AccountBaseline
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.service import GateClosed, Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import attach, attached, deny, find_policy, make_account, policy, root_id, unit_id
from vending.ports import Holds, NewAccount


@pytest.fixture
def lab(easy_cloud: Cloud) -> str:
    """The OU Lab, two below Sandbox."""
    organizations = easy_cloud.client("organizations")
    parent = unit_id(easy_cloud, "Sandbox")
    for name in ("Research", "Lab"):
        made = organizations.create_organizational_unit(ParentId=parent, Name=name)
        parent = str(made["OrganizationalUnit"]["Id"])
    return parent


def in_lab(cloud: Cloud, lab: str) -> str:
    """An account there."""
    made = make_account(cloud, None)
    cloud.client("organizations").move_account(AccountId=made, SourceParentId=root_id(cloud), DestinationParentId=lab)
    return made


def test_the_guardrails_of_the_class_above_hold_and_are_verified_and_explained_there(
    easy_cloud: Cloud, guardrails: Guardrails, baseline: AccountBaseline, lab: str
) -> None:
    guardrails.apply()
    made = in_lab(easy_cloud, lab)

    verified = baseline.verify(NewAccount(made, "payments-lab", "payments", "sandbox"), "org.leave")
    why = guardrails.why(made, f"arn:aws:iam::{made}:role/admin", "organizations:LeaveOrganization", "*", {})
    followed = guardrails.follow()

    assert verified.holds is Holds.YES
    assert "OU Sandbox" in verified.found
    assert (why.decision, why.place, why.guardrail) == ("deny", "Sandbox", "org.leave")
    assert attached(easy_cloud, lab) == ["FullAWSAccess"]
    assert followed == ()
    assert guardrails.drift() == ()


def test_what_others_attached_there_is_told_and_what_closes_it_too(
    easy_cloud: Cloud, guardrails: Guardrails, lab: str
) -> None:
    guardrails.apply()
    attach(easy_cloud, lab, "their-scp", policy(deny("Theirs", "polly:*")))
    easy_cloud.client("organizations").detach_policy(PolicyId="p-FullAWSAccess", TargetId=lab)

    found = {(drift.kind, drift.policy, drift.target_name) for drift in guardrails.drift()}

    assert found == {(DriftKind.FOREIGN, "their-scp", "Lab"), (DriftKind.CLOSED, "FullAWSAccess", "Lab")}


def test_ours_hanging_there_by_hand_is_taken_off_and_no_lockout_there_goes_unseen(
    easy_cloud: Cloud, guardrails: Guardrails, lab: str
) -> None:
    guardrails.apply()
    ours = next(name for name in attached(easy_cloud, unit_id(easy_cloud, "Dev")) if name.startswith("freehold"))
    easy_cloud.client("organizations").attach_policy(PolicyId=find_policy(easy_cloud, ours), TargetId=lab)
    [stray] = guardrails.plan().plan.steps
    theirs = attach(easy_cloud, lab, "their-scp", policy(deny("Theirs", "iam:*")))

    with pytest.raises(GateClosed, match=r"OU Lab .* denied by statement Theirs of their-scp"):
        guardrails.apply()
    easy_cloud.client("organizations").detach_policy(PolicyId=theirs, TargetId=lab)
    guardrails.apply()

    assert (stray.act, stray.target_name) == ("detach", "Lab")
    assert attached(easy_cloud, lab) == ["FullAWSAccess"]
