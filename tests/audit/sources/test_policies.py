"""What the audit says of the policies that guardrails compile to."""

from pathlib import Path

from audit.catalogue import Catalogue
from audit.estate import survey
from audit.finding import Seen, State
from audit.sources import policies
from audit.sources.interface import Known
from tests.audit.ground import acme, make_audit
from tests.cloud import Cloud


def test_a_policy_that_is_missing_fails_under_a_short_title_with_the_guardrails_it_would_carry(
    cloud: Cloud, tmp_path: Path
) -> None:
    auditor = make_audit(cloud, tmp_path).auditor
    (source,) = (one for one in auditor.sources(Catalogue()) if one.name == policies.NAME)

    plan = source.plan(auditor.calls(), survey((), acme(), "123456789012"), Known())

    titles = {one.control_id: one.title for one in plan.controls}
    assert titles["policy/freehold-sandbox-ai-1"] == "freehold-sandbox-ai-1 is attached and unchanged: mgmt.ai"
    assert titles["policy/freehold-sandbox-2"] == "freehold-sandbox-2 is attached and unchanged: 8 guardrails"
    (answer,) = (one.answer for one in plan.ready if one.cell.control_id == "policy/freehold-sandbox-2")
    assert isinstance(answer, Seen)
    (missing,) = answer.observations
    assert (missing.state, missing.ou) == (State.FAIL, "Sandbox")
    assert (
        "carries cost.big, iam.fed, log.config, log.trail, region.optin, root.deny, s3.bpa.lock, sec.svc "
        "and is not attached to Sandbox."
    ) in missing.reason
