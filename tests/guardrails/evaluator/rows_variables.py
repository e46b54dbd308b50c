"""What the documentation says of policy variables."""

from tests.guardrails.evaluator.rows_conditions import REGION, SOURCE, TAG, TAGS, TOPIC
from tests.guardrails.evaluator.table import ROLE, SETS, USER, VARIABLES, Row, holds

VALUES = VARIABLES + "#policy-vars-wheretouse"
DEFAULTS = VARIABLES + "#policy-vars-default-values"
TABLE = VARIABLES + "#principaltable"
SPECIALS = VARIABLES + "#policy-vars-specialchars"
VARIABLE = [
    holds(
        VALUES,
        "in a value",
        {"StringEquals": {REGION: "${aws:PrincipalTag/home}"}},
        {REGION: "a", "aws:PrincipalTag/home": "a"},
        True,
    ),
    holds(
        VALUES,
        "in the middle of a pattern",
        {"StringLike": {"s3:prefix": "home/${aws:username}/*"}},
        {"s3:prefix": "home/ada/x"},
        True,
        principal=USER,
    ),
    holds(
        VALUES,
        "another's prefix",
        {"StringLike": {"s3:prefix": "home/${aws:username}/*"}},
        {"s3:prefix": "home/tom/x"},
        False,
        principal=USER,
    ),
    holds(
        VALUES,
        "in an ARN operator",
        {"ArnLike": {SOURCE: "arn:aws:sns:*:*:${aws:PrincipalTag/team}"}},
        {SOURCE: TOPIC, TAG: "topic"},
        True,
    ),
    holds(
        VALUES,
        "names are case-insensitive",
        {"StringEquals": {REGION: "${AWS:principaltag/TEAM}"}},
        {REGION: "a", TAG: "a"},
        True,
    ),
    holds(
        VALUES,
        "a wildcard in the value is none",
        {"StringLike": {REGION: "${aws:PrincipalTag/team}"}},
        {REGION: "abc", TAG: "a*"},
        False,
    ),
    holds(
        TABLE, "no value: the match fails", {"StringEquals": {REGION: "${aws:PrincipalTag/none}"}}, {REGION: "a"}, False
    ),
    holds(
        TABLE,
        "no value: the statement is invalid, negated or not",
        {"StringNotEquals": {REGION: "${aws:PrincipalTag/none}"}},
        {REGION: "a"},
        False,
    ),
    holds(TABLE, "aws:username of a user", {"StringEquals": {"aws:username": "ada"}}, {}, True, principal=USER),
    holds(TABLE, "aws:username of a role is not present", {"Null": {"aws:username": "true"}}, {}, True, principal=ROLE),
    holds(TABLE, "aws:PrincipalType of a role", {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, {}, True),
    holds(
        TABLE,
        "aws:PrincipalType of the root",
        {"StringEquals": {"aws:PrincipalType": "Account"}},
        {},
        True,
        principal="arn:aws:iam::111122223333:root",
    ),
    holds(
        DEFAULTS,
        "a default for an absent key",
        {"StringEquals": {REGION: "${aws:PrincipalTag/none, 'a'}"}},
        {REGION: "a"},
        True,
    ),
    holds(
        DEFAULTS,
        "the value wins over the default",
        {"StringEquals": {REGION: "${aws:PrincipalTag/team, 'a'}"}},
        {REGION: "a", TAG: "b"},
        False,
    ),
    holds(
        DEFAULTS,
        "a default may be empty",
        {"StringEquals": {REGION: "x${aws:PrincipalTag/none,''}"}},
        {REGION: "x"},
        True,
    ),
    holds(
        SETS,
        "multivalued keys cannot be variables",
        {"StringEquals": {REGION: "${aws:TagKeys}"}},
        {REGION: "a", TAGS: ["a", "b"]},
        False,
    ),
    holds(SPECIALS, "${*} is a star", {"StringLike": {REGION: "a${*}"}}, {REGION: "a*"}, True),
    holds(SPECIALS, "${*} is no wildcard", {"StringLike": {REGION: "a${*}"}}, {REGION: "abc"}, False),
    holds(SPECIALS, "${?} is a question mark", {"StringLike": {REGION: "a${?}"}}, {REGION: "ab"}, False),
    holds(SPECIALS, "${*} is a star where nothing is one", {"StringEquals": {REGION: "a${*}"}}, {REGION: "a*"}, True),
    holds(SPECIALS, "${$} is a dollar", {"StringLike": {REGION: "a${$}"}}, {REGION: "a$"}, True),
]

ROWS: list[Row] = VARIABLE
