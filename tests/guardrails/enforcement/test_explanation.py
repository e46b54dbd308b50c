from guardrails.compiler import PolicyKind
from guardrails.enforcement.explanation import Explanation, explain, tell
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.evaluator import Call
from guardrails.principals import PLATFORM, TEAM_ADMIN
from tests.guardrails.enforcement.test_plan import SANDBOX, applied, live, sandbox
from tests.guardrails.ground import catalogue, deny, policy

PATH = (("r-1", "Root"), (SANDBOX, "Sandbox"))
CONTEXT = {"aws:RequestedRegion": "eu-west-1"}


def ask(call: Call, found: Live, unknown: tuple[str, ...] = ()) -> Explanation:
    return explain(call, PATH, found, catalogue(), "123456789012", unknown)


def test_a_denial_names_policy_place_guardrail_and_whom_to_ask() -> None:
    answer = ask(Call(TEAM_ADMIN, "organizations:LeaveOrganization", "*", CONTEXT), applied())

    assert (answer.decision, answer.place, answer.policy, answer.statement, answer.guardrail) == (
        "deny",
        "Sandbox",
        sandbox().name,
        "OrgLeave",
        "org.leave",
    )
    assert "ask the platform team to transfer it" in answer.ask


def test_what_no_guardrail_denies_is_said_to_be_somebody_elses() -> None:
    answer = ask(Call(PLATFORM, "s3:PutAccountPublicAccessBlock", "*", CONTEXT), applied())

    assert answer.decision == "allow"
    assert "the role's own permissions" in answer.sentence


def test_a_policy_that_is_not_ours_sends_to_whoever_attached_it() -> None:
    theirs = LivePolicy("p-t", "their-scp", PolicyKind.SCP, False, False, policy(deny("OrgLeave", "polly:*")))

    answer = ask(Call(TEAM_ADMIN, "polly:SynthesizeSpeech", "*", CONTEXT), live((theirs, (SANDBOX,))))

    assert (answer.decision, answer.guardrail) == ("deny", "")
    assert "whoever attached their-scp" in answer.ask


def test_a_level_that_allows_nothing_is_named() -> None:
    found = applied()

    answer = ask(Call(TEAM_ADMIN, "s3:ListAllMyBuckets"), Live(found.policies, {**found.attached, "r-1": ()}))

    assert answer.sentence.startswith("Nothing at Root allows it")


def test_an_unknown_key_that_matters_makes_the_answer_unknown() -> None:
    call = Call(TEAM_ADMIN, "ec2:RunInstances", "*")

    answer = ask(call, applied(), unknown=("aws:RequestedRegion",))

    assert answer.decision == "unknown"
    assert tell(answer)["missing"] == ["aws:RequestedRegion"]


def test_a_call_that_may_carry_what_a_policy_asks_for_is_judged_with_and_without() -> None:
    sizes = {"StringLike": {"ec2:InstanceType": "p5*"}}
    giants = LivePolicy("p-g", "giants", PolicyKind.SCP, False, False, policy(deny("G", "ec2:*", Condition=sizes)))
    found = live((giants, (SANDBOX,)))

    unsaid = ask(Call(TEAM_ADMIN, "ec2:RunInstances", "*", CONTEXT), found)
    small = ask(Call(TEAM_ADMIN, "ec2:RunInstances", "*", {**CONTEXT, "ec2:InstanceType": "t3.micro"}), found)

    assert (unsaid.decision, unsaid.policy, unsaid.missing) == ("unknown", "giants", ("ec2:InstanceType",))
    assert "that depends on ec2:InstanceType" in unsaid.sentence
    assert small.decision == "allow"
