import re

from infra.stacks.delivery import DEPLOY
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.roles import synthesised_roles


def test_nothing_is_deployed_before_tests_a_plan_and_a_person(synthesised: Synthesised) -> None:
    stages = synthesised["Delivery"].one("AWS::CodePipeline::Pipeline")["Stages"]

    assert [stage["Name"] for stage in stages] == [
        "Source",
        "Test",
        "PlanGuardrails",
        "Approve",
        "Deploy",
        "ApproveGuardrails",
        "ApplyGuardrails",
    ]
    for number in (3, 5):
        assert stages[number]["Actions"][0]["ActionTypeId"]["Category"] == "Approval"


def test_the_build_that_deploys_may_take_the_deployment_roles_of_the_three_accounts_by_name(
    synthesised: Synthesised,
) -> None:
    [role] = [role for role in synthesised_roles(synthesised) if role.name == "freehold-pipeline-deploy"]

    [taking] = [said for said in role.statements if said["Action"] == "sts:AssumeRole"]
    assert not any("*" in arn for arn in taking["Resource"])
    accounts = {arn.split(":")[4] for arn in taking["Resource"]}
    assert accounts == {"123456789012", "222222222222", "333333333333"}
    assert "arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1" in taking["Resource"]


def test_the_build_that_governs_may_call_the_guardrails_function_and_nothing_else(synthesised: Synthesised) -> None:
    [role] = [role for role in synthesised_roles(synthesised) if role.name == "freehold-guardrails-pipeline"]

    actions = set(re.findall(r"'([a-z0-9]+:[A-Z]\w+)'", str([said["Action"] for said in role.statements])))
    assert "lambda:InvokeFunction" in actions
    assert not {action for action in actions if action.startswith(("organizations:", "iam:", "sts:"))}


def test_what_is_deployed_is_synthesised_and_not_asked_about(synthesised: Synthesised) -> None:
    spec = str(synthesised["Delivery"].of("AWS::CodeBuild::Project"))

    assert all(command.split()[0] in spec for command in DEPLOY)
    assert "make synth" in spec


def test_the_pipeline_tells_the_operators_that_it_waits_and_may_use_the_topics_key(synthesised: Synthesised) -> None:
    delivery = synthesised["Delivery"]
    [role] = [role for role in synthesised_roles(synthesised) if role.name == "freehold-pipeline-pipeline"]

    [told] = delivery.of("AWS::SNS::Subscription").values()
    assert told["Properties"]["Endpoint"] == "platform@acme.example"
    through = {said["Condition"]["StringEquals"]["kms:ViaService"] for said in role.statements if "Condition" in said}
    assert through == {"s3.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com"}
    [using] = [said for said in role.statements if "UseConnection" in str(said["Action"])]
    assert using["Action"] == "codeconnections:UseConnection", "the prefix of the connection's own ARN"
