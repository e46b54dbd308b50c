"""What the documentation says of Action, Resource, their twins and Version."""

from tests.guardrails.evaluator.table import FULL_ACCESS, IAM, VARIABLES, Json, Row, case, deny, matches, policy

ACTION = IAM + "reference_policies_elements_action.html"
NOT_ACTION = IAM + "reference_policies_elements_notaction.html"
RESOURCE = IAM + "reference_policies_elements_resource.html"
NOT_RESOURCE = IAM + "reference_policies_elements_notresource.html"
VERSION = IAM + "reference_policies_elements_version.html"

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
OBJECT = "arn:aws:s3:::bucket/1/test/object.jpg"
TREE = "arn:aws:s3:::bucket/*/test/*"


def without(element: str, value: object, **more: object) -> Json:
    """A Deny statement with NotAction or NotResource."""
    other = {"NotAction": {"Resource": "*"}, "NotResource": {"Action": "*"}}[element]
    return {"Effect": "Deny", element: value, **other, **more}


ACTIONS = [
    matches(ACTION, "an action by its name", deny("s3:GetObject"), True),
    matches(ACTION, "another action", deny("s3:PutObject"), False),
    matches(ACTION, "prefix and name are case-insensitive", deny("S3:getobject"), True),
    matches(ACTION, "in the call too", deny("s3:GetObject"), True, action="S3:GETOBJECT"),
    matches(ACTION, "all actions of a service", deny("s3:*"), True),
    matches(ACTION, "of another service", deny("sqs:*"), False),
    matches(ACTION, "* anywhere in the name", deny("s3:*Obj*"), True),
    matches(ACTION, "* in the middle", deny("iam:*AccessKey*"), True, action="iam:CreateAccessKey"),
    matches(ACTION, "? is one character", deny("s3:?etObject"), True),
    matches(ACTION, "? is exactly one character", deny("s3:G?Object"), False),
    matches(ACTION, "several actions", deny(["sqs:*", "s3:Get*"]), True),
    matches(ACTION, "everything", deny("*"), True),
    matches(ACTION, "a prefix of the name is not the name", deny("s3:GetObject"), False, action="s3:GetObjectAcl"),
    matches(NOT_ACTION, "all but one service", without("NotAction", "iam:*"), True),
    matches(NOT_ACTION, "not that service", without("NotAction", "s3:*"), False),
    matches(NOT_ACTION, "not any of several", without("NotAction", ["iam:*", "s3:Get*"]), False),
    matches(NOT_ACTION, "case-insensitive as well", without("NotAction", "S3:GET*"), False),
]

RESOURCES = [
    matches(RESOURCE, "one queue", deny("*", QUEUE), True, action="sqs:SendMessage", resource=QUEUE),
    matches(
        RESOURCE,
        "names are case-sensitive",
        deny("*", QUEUE.upper().replace("ARN:AWS", "arn:aws")),
        False,
        resource=QUEUE,
    ),
    matches(RESOURCE, "* within a segment", deny("*", "arn:aws:sqs:*:111122223333:*"), True, resource=QUEUE),
    matches(RESOURCE, "* replaces slashes as well", deny("*", TREE), True, resource=OBJECT),
    matches(RESOURCE, "deeper", deny("*", TREE), True, resource="arn:aws:s3:::bucket/1/2/3/test/4/object.jpg"),
    matches(
        RESOURCE,
        "with empty names between",
        deny("*", TREE),
        True,
        resource="arn:aws:s3:::bucket/1///test///object.jpg",
    ),
    matches(
        RESOURCE, "with an empty first name", deny("*", TREE), True, resource="arn:aws:s3:::bucket//test/object.jpg"
    ),
    matches(RESOURCE, "with an empty last name", deny("*", TREE), True, resource="arn:aws:s3:::bucket/1/test/"),
    matches(RESOURCE, "not 1-test", deny("*", TREE), False, resource="arn:aws:s3:::bucket/1-test/object.jpg"),
    matches(RESOURCE, "not a missing slash", deny("*", TREE), False, resource="arn:aws:s3:::bucket/test/object.jpg"),
    matches(RESOURCE, "a last * goes beyond the colons", deny("*", "arn:aws:sqs:*"), True, resource=QUEUE),
    matches(RESOURCE, "a * at the end of a segment does, too", deny("*", "arn:aws:sqs:*:orders"), True, resource=QUEUE),
    matches(RESOURCE, "a * inside a segment does not", deny("*", "arn:aws:sqs:e*1:orders"), False, resource=QUEUE),
    matches(RESOURCE, "? is one character", deny("*", "arn:aws:sqs:eu-west-?:*:orders"), True, resource=QUEUE),
    matches(RESOURCE, "? is no colon", deny("*", "arn:aws:sqs:eu-west-1?111122223333:orders"), False, resource=QUEUE),
    matches(RESOURCE, "the bucket is not its objects", deny("*", "arn:aws:s3:::bucket"), False),
    matches(
        RESOURCE,
        "the objects are not the bucket",
        deny("*", "arn:aws:s3:::bucket/*"),
        False,
        resource="arn:aws:s3:::bucket",
    ),
    matches(RESOURCE, "both", deny("*", ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]), True),
    matches(
        RESOURCE,
        "an action without resource is not one of a bucket",
        deny("*", "arn:aws:s3:::*"),
        False,
        action="s3:ListAllMyBuckets",
        resource="*",
    ),
    matches(
        RESOURCE,
        "an action without resource is one of *",
        deny("*", "*"),
        True,
        action="s3:ListAllMyBuckets",
        resource="*",
    ),
    matches(
        RESOURCE,
        "a variable",
        deny("*", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*"),
        True,
        context={"aws:PrincipalTag/team": "1"},
        resource=OBJECT,
    ),
    matches(
        RESOURCE,
        "a variable with another value",
        deny("*", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*"),
        False,
        context={"aws:PrincipalTag/team": "2"},
        resource=OBJECT,
    ),
    matches(
        VARIABLES + "#principaltable",
        "a variable without value",
        deny("*", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}*"),
        False,
        resource=OBJECT,
    ),
    matches(
        NOT_RESOURCE, "all but these", without("NotResource", ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]), True
    ),
    matches(NOT_RESOURCE, "not these", without("NotResource", ["arn:aws:s3:::bucket/*"]), False),
    matches(
        NOT_RESOURCE,
        "any resource of another service in Action, `*` among them",
        {"Effect": "Deny", "Action": ["s3:*", "ec2:*"], "NotResource": ["arn:aws:s3:::bucket/*"]},
        True,
        action="ec2:DescribeInstances",
        resource="*",
    ),
    Row(
        NOT_ACTION,
        "an action that needs the resource `*` is not allowed on ARNs",
        "deny",
        case(
            [[policy({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"})]],
            action="s3:ListAllMyBuckets",
            resource="*",
        ),
    ),
    matches(
        VARIABLES + "#policy-vars-default-values",
        "a default in Resource for who has no tag",
        deny("*", "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'company-wide'}/*"),
        True,
        resource="arn:aws:s3:::bucket/company-wide/a",
    ),
    matches(
        VARIABLES + "#policy-vars-specialchars",
        "${*} in Resource is a star in the name",
        deny("*", "arn:aws:s3:::bucket/a${*}b"),
        True,
        resource="arn:aws:s3:::bucket/a*b",
    ),
    matches(
        VARIABLES + "#policy-vars-specialchars",
        "${*} in Resource is no wildcard",
        deny("*", "arn:aws:s3:::bucket/a${*}b"),
        False,
        resource="arn:aws:s3:::bucket/axb",
    ),
    matches(
        NOT_RESOURCE,
        "a call without resource is none of these",
        without("NotResource", ["arn:aws:s3:::bucket/*"]),
        True,
        resource="*",
    ),
    matches(
        VARIABLES + "#principaltable",
        "NotResource with a variable without value",
        without("NotResource", "arn:aws:s3:::x/${aws:PrincipalTag/team}"),
        False,
    ),
]


def versioned(behaviour: str, version: str | None, expected: bool) -> Row:
    """A policy that compares a tag with the text `${aws:PrincipalTag/home}`."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/home}"}}
    levels = [[FULL_ACCESS, policy(deny(Condition=condition), version=version)]]
    context = {"aws:PrincipalTag/team": "a", "aws:PrincipalTag/home": "a"}
    return Row(VERSION, behaviour, "deny" if expected else "allow", case(levels, context=context))


LITERAL = policy(deny(Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}}), version="2008-10-17")
VERSIONS = [
    versioned("2012-10-17 has variables", "2012-10-17", True),
    versioned("2008-10-17 has none", "2008-10-17", False),
    versioned("no Version means 2008-10-17", None, False),
    Row(
        VERSION,
        "in 2008-10-17 a variable is a literal text",
        "deny",
        case([[FULL_ACCESS, LITERAL]], context={"aws:PrincipalTag/team": "${aws:username}"}),
    ),
]

ROWS: list[Row] = [*ACTIONS, *RESOURCES, *VERSIONS]
