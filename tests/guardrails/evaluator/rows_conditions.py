"""What the documentation says of condition operators, set operators and policy variables."""

from tests.guardrails.evaluator.table import OPERATORS, SETS, Row, holds

STRING = OPERATORS + "#Conditions_String"
NUMERIC = OPERATORS + "#Conditions_Numeric"
DATE = OPERATORS + "#Conditions_Date"
BOOL = OPERATORS + "#Conditions_Boolean"
BINARY = OPERATORS + "#Conditions_BinaryEquals"
IP = OPERATORS + "#Conditions_IPAddress"
ARN = OPERATORS + "#Conditions_ARN"
IF_EXISTS = OPERATORS + "#Conditions_IfExists"
NULL = OPERATORS + "#Conditions_Null"
BLOCK = OPERATORS.replace("_condition_operators", "_condition")
LOGIC = OPERATORS.replace(
    "reference_policies_elements_condition_operators",
    "reference_policies_condition-logic-multiple-context-keys-or-values",
)

REGION, TAG, TAGS = "aws:RequestedRegion", "aws:PrincipalTag/team", "aws:TagKeys"
MFA_AGE, NOW, IP_KEY, SOURCE = "aws:MultiFactorAuthAge", "aws:CurrentTime", "aws:SourceIp", "aws:SourceArn"
TLS = "aws:SecureTransport"

STRINGS = [
    holds(STRING, "StringEquals is exact", {"StringEquals": {TAG: "ledger"}}, {TAG: "ledger"}, True),
    holds(STRING, "StringEquals is case-sensitive", {"StringEquals": {TAG: "ledger"}}, {TAG: "Ledger"}, False),
    holds(STRING, "StringEquals knows no wildcards", {"StringEquals": {TAG: "led*"}}, {TAG: "ledger"}, False),
    holds(STRING, "a star is a star to StringEquals", {"StringEquals": {TAG: "led*"}}, {TAG: "led*"}, True),
    holds(STRING, "StringNotEquals is the negation", {"StringNotEquals": {TAG: "ledger"}}, {TAG: "search"}, True),
    holds(STRING, "StringNotEquals fails on a match", {"StringNotEquals": {TAG: "ledger"}}, {TAG: "ledger"}, False),
    holds(STRING, "StringEqualsIgnoreCase", {"StringEqualsIgnoreCase": {TAG: "LEDGER"}}, {TAG: "ledger"}, True),
    holds(STRING, "StringNotEqualsIgnoreCase", {"StringNotEqualsIgnoreCase": {TAG: "LEDGER"}}, {TAG: "ledger"}, False),
    holds(STRING, "StringLike with * anywhere", {"StringLike": {TAG: "l*g*r"}}, {TAG: "ledger"}, True),
    holds(STRING, "* matches nothing at all too", {"StringLike": {TAG: "ledger*"}}, {TAG: "ledger"}, True),
    holds(STRING, "StringLike with ?", {"StringLike": {TAG: "ledge?"}}, {TAG: "ledger"}, True),
    holds(STRING, "? is exactly one character", {"StringLike": {TAG: "ledger?"}}, {TAG: "ledger"}, False),
    holds(STRING, "StringLike is case-sensitive", {"StringLike": {TAG: "L*"}}, {TAG: "ledger"}, False),
    holds(STRING, "StringLike matches the whole text", {"StringLike": {TAG: "edge"}}, {TAG: "ledger"}, False),
    holds(STRING, "StringNotLike", {"StringNotLike": {TAG: "led*"}}, {TAG: "search"}, True),
    holds(STRING, "StringNotLike fails on a match", {"StringNotLike": {TAG: "led*"}}, {TAG: "ledger"}, False),
    holds(STRING, "an absent key does not match", {"StringEquals": {TAG: "ledger"}}, {}, False),
    holds(OPERATORS, "an absent key satisfies StringNotEquals", {"StringNotEquals": {REGION: "eu-west-1"}}, {}, True),
    holds(OPERATORS, "an absent key satisfies StringNotLike", {"StringNotLike": {REGION: "eu-*"}}, {}, True),
    holds(OPERATORS, "an absent key satisfies ArnNotLike", {"ArnNotLike": {SOURCE: "arn:aws:s3:::b"}}, {}, True),
    holds(OPERATORS, "an absent key fails StringLike with *", {"StringLike": {TAG: "*"}}, {}, False),
]

NUMBERS = [
    holds(NUMERIC, "NumericEquals compares numbers", {"NumericEquals": {MFA_AGE: "10"}}, {MFA_AGE: "10.0"}, True),
    holds(NUMERIC, "numbers need no quotes", {"NumericEquals": {MFA_AGE: 10}}, {MFA_AGE: 10}, True),
    holds(NUMERIC, "NumericNotEquals", {"NumericNotEquals": {MFA_AGE: "10"}}, {MFA_AGE: "11"}, True),
    holds(NUMERIC, "NumericNotEquals fails on equality", {"NumericNotEquals": {MFA_AGE: "10"}}, {MFA_AGE: "10"}, False),
    holds(NUMERIC, "NumericLessThan", {"NumericLessThan": {MFA_AGE: "10"}}, {MFA_AGE: "9"}, True),
    holds(NUMERIC, "NumericLessThan is strict", {"NumericLessThan": {MFA_AGE: "10"}}, {MFA_AGE: "10"}, False),
    holds(NUMERIC, "numbers are not compared as texts", {"NumericLessThan": {MFA_AGE: "10"}}, {MFA_AGE: "9.5"}, True),
    holds(NUMERIC, "NumericLessThanEquals", {"NumericLessThanEquals": {MFA_AGE: "10"}}, {MFA_AGE: "10"}, True),
    holds(NUMERIC, "NumericGreaterThan", {"NumericGreaterThan": {MFA_AGE: "10"}}, {MFA_AGE: "10.5"}, True),
    holds(NUMERIC, "NumericGreaterThan is strict", {"NumericGreaterThan": {MFA_AGE: "10"}}, {MFA_AGE: "10"}, False),
    holds(NUMERIC, "NumericGreaterThanEquals", {"NumericGreaterThanEquals": {MFA_AGE: "10"}}, {MFA_AGE: "10"}, True),
    holds(NUMERIC, "an absent key does not match", {"NumericGreaterThan": {MFA_AGE: "10"}}, {}, False),
    holds(NUMERIC, "an absent key satisfies the negation", {"NumericNotEquals": {MFA_AGE: "10"}}, {}, True),
    holds(
        NUMERIC, "a text that is no number does not match", {"NumericLessThan": {MFA_AGE: "10"}}, {MFA_AGE: "a"}, False
    ),
]

DATES = [
    holds(DATE, "DateLessThan", {"DateLessThan": {NOW: "2026-02-01T00:00:00Z"}}, {NOW: "2026-01-31T23:59:59Z"}, True),
    holds(
        DATE,
        "DateLessThan is strict",
        {"DateLessThan": {NOW: "2026-02-01T00:00:00Z"}},
        {NOW: "2026-02-01T00:00:00Z"},
        False,
    ),
    holds(
        DATE,
        "DateLessThanEquals",
        {"DateLessThanEquals": {NOW: "2026-02-01T00:00:00Z"}},
        {NOW: "2026-02-01T00:00:00Z"},
        True,
    ),
    holds(
        DATE, "DateGreaterThan", {"DateGreaterThan": {NOW: "2026-02-01T00:00:00Z"}}, {NOW: "2026-02-01T00:00:01Z"}, True
    ),
    holds(
        DATE,
        "DateGreaterThanEquals",
        {"DateGreaterThanEquals": {NOW: "2026-02-01T00:00:00Z"}},
        {NOW: "2026-02-01T00:00:00Z"},
        True,
    ),
    holds(
        DATE,
        "DateEquals across time zones",
        {"DateEquals": {NOW: "2026-02-01T00:00:00Z"}},
        {NOW: "2026-02-01T02:00:00+02:00"},
        True,
    ),
    holds(DATE, "DateNotEquals", {"DateNotEquals": {NOW: "2026-02-01T00:00:00Z"}}, {NOW: "2026-02-02T00:00:00Z"}, True),
    holds(
        DATE, "a W3C date without a time", {"DateGreaterThan": {NOW: "2026-02-01"}}, {NOW: "2026-02-01T08:00:00Z"}, True
    ),
    holds(
        DATE, "a W3C year and month", {"DateGreaterThanEquals": {NOW: "2026-02"}}, {NOW: "2026-02-01T00:00:00Z"}, True
    ),
    holds(
        DATE, "epoch time in the policy", {"DateGreaterThan": {NOW: "1769904000"}}, {NOW: "2026-02-01T00:00:01Z"}, True
    ),
    holds(
        DATE,
        "an offset from UTC beside epoch time",
        {"DateEquals": {NOW: "2026-02-01T02:00:00+02:00"}},
        {NOW: "1769904000"},
        True,
    ),
    holds(
        DATE,
        "epoch time in the request",
        {"DateLessThan": {"aws:EpochTime": "2026-02-01T00:00:00Z"}},
        {"aws:EpochTime": 1769903999},
        True,
    ),
    holds(
        DATE,
        "an absent key does not match",
        {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}},
        {},
        False,
    ),
]

TRUTHS = [
    holds(BOOL, "Bool false", {"Bool": {TLS: "false"}}, {TLS: "false"}, True),
    holds(BOOL, "Bool true", {"Bool": {TLS: "true"}}, {TLS: "false"}, False),
    holds(BOOL, "truths need no quotes", {"Bool": {TLS: False}}, {TLS: False}, True),
    holds(BOOL, "an absent key does not match", {"Bool": {TLS: "false"}}, {}, False),
    holds(
        BOOL, "an absent key with IfExists does", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, {}, True
    ),
    holds(BOOL, "BoolIfExists looks where the key is", {"BoolIfExists": {TLS: "false"}}, {TLS: "true"}, False),
    holds(
        BINARY,
        "BinaryEquals compares byte for byte",
        {"BinaryEquals": {"key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}},
        {"key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="},
        True,
    ),
    holds(BINARY, "BinaryEquals is case-sensitive", {"BinaryEquals": {"key": "QmluYXJ5"}}, {"key": "qmluyxj5"}, False),
]

ADDRESSES = [
    holds(IP, "within a range", {"IpAddress": {IP_KEY: "203.0.113.0/24"}}, {IP_KEY: "203.0.113.255"}, True),
    holds(IP, "outside a range", {"IpAddress": {IP_KEY: "203.0.113.0/24"}}, {IP_KEY: "203.0.114.0"}, False),
    holds(IP, "an address is a range of one", {"IpAddress": {IP_KEY: "203.0.113.7"}}, {IP_KEY: "203.0.113.7"}, True),
    holds(
        IP, "an address is a range of only one", {"IpAddress": {IP_KEY: "203.0.113.7"}}, {IP_KEY: "203.0.113.8"}, False
    ),
    holds(IP, "NotIpAddress", {"NotIpAddress": {IP_KEY: "203.0.113.0/24"}}, {IP_KEY: "198.51.100.1"}, True),
    holds(
        IP,
        "NotIpAddress within",
        {"NotIpAddress": {IP_KEY: ["203.0.113.0/24", "198.51.100.0/24"]}},
        {IP_KEY: "198.51.100.1"},
        False,
    ),
    holds(
        IP,
        "an IPv6 address, however it is spelled",
        {"IpAddress": {IP_KEY: "2001:db8::1"}},
        {IP_KEY: "2001:DB8:0:0:0:0:0:1"},
        True,
    ),
    holds(
        IP,
        "IPv6 in any case",
        {"IpAddress": {IP_KEY: "2001:DB8:1234:5678::/64"}},
        {IP_KEY: "2001:db8:1234:5678::1"},
        True,
    ),
    holds(
        IP,
        "IPv4 and IPv6 mixed",
        {"IpAddress": {IP_KEY: ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}},
        {IP_KEY: "203.0.113.9"},
        True,
    ),
    holds(
        IP,
        "all but the ranges, of the other family too",
        {"NotIpAddress": {IP_KEY: ["203.0.113.0/24", "2001:DB8::/32"]}},
        {IP_KEY: "198.51.100.1"},
        True,
    ),
    holds(IP, "absent through a VPC endpoint", {"IpAddress": {IP_KEY: "203.0.113.0/24"}}, {}, False),
    holds(OPERATORS, "absent satisfies NotIpAddress", {"NotIpAddress": {IP_KEY: "203.0.113.0/24"}}, {}, True),
    holds(IF_EXISTS, "NotIpAddressIfExists too", {"NotIpAddressIfExists": {IP_KEY: "203.0.113.0/24"}}, {}, True),
]

LONG = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:topic"
ARNS = [
    holds(
        ARN,
        "ArnLike compares segment by segment",
        {"ArnLike": {SOURCE: "arn:aws:someservice:*:111122223333:finance/*"}},
        {SOURCE: LONG},
        False,
    ),
    holds(
        ARN,
        "StringLike does not",
        {"StringLike": {SOURCE: "arn:aws:someservice:*:111122223333:finance/*"}},
        {SOURCE: LONG},
        True,
    ),
    holds(
        ARN,
        "ArnEquals knows wildcards too",
        {"ArnEquals": {SOURCE: "arn:aws:sns:*:111122223333:top*"}},
        {SOURCE: TOPIC},
        True,
    ),
    holds(
        ARN, "ArnLike with ?", {"ArnLike": {SOURCE: "arn:aws:sns:eu-west-?:111122223333:topic"}}, {SOURCE: TOPIC}, True
    ),
    holds(ARN, "ArnLike is case-sensitive", {"ArnLike": {SOURCE: "arn:aws:sns:*:*:Topic"}}, {SOURCE: TOPIC}, False),
    holds(ARN, "each segment may hold a wildcard", {"ArnLike": {SOURCE: "arn:*:s?s:*:1111*:*"}}, {SOURCE: TOPIC}, True),
    holds(
        ARN,
        "the last segment may hold colons",
        {"ArnLike": {SOURCE: "arn:aws:sns:*:*:topic*"}},
        {SOURCE: TOPIC + ":sub:1"},
        True,
    ),
    holds(ARN, "ArnNotLike", {"ArnNotLike": {SOURCE: "arn:aws:sns:*:*:other"}}, {SOURCE: TOPIC}, True),
    holds(ARN, "ArnNotEquals is the same", {"ArnNotEquals": {SOURCE: "arn:aws:sns:*:*:t*"}}, {SOURCE: TOPIC}, False),
    holds(
        ARN,
        "the principal's path counts",
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/developer"}},
        {},
        False,
    ),
    holds(
        ARN, "a wildcard spans the path", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*developer"}}, {}, True
    ),
    holds(ARN, "no source when called directly", {"ArnEquals": {SOURCE: TOPIC}}, {}, False),
]

EXISTENCE = [
    holds(NULL, "a key with nothing in its list is absent", {"Null": {TAGS: "true"}}, {TAGS: [None]}, True),
    holds(NULL, "Null true: the key is absent", {"Null": {"aws:TokenIssueTime": "true"}}, {}, True),
    holds(
        NULL,
        "Null true: the key is there",
        {"Null": {"aws:TokenIssueTime": "true"}},
        {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        False,
    ),
    holds(
        NULL,
        "Null false: the key is there",
        {"Null": {"aws:TokenIssueTime": "false"}},
        {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        True,
    ),
    holds(NULL, "Null false: the key is absent", {"Null": {"aws:TokenIssueTime": False}}, {}, False),
    holds(NULL, "false: and its value is not null", {"Null": {TAG: "false"}}, {TAG: None}, False),
    holds(IF_EXISTS, "absent: true", {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}}, {}, True),
    holds(
        IF_EXISTS,
        "present: as the operator says",
        {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}},
        {"ec2:InstanceType": "m5.large"},
        False,
    ),
    holds(
        IF_EXISTS,
        "present: as the operator says",
        {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}},
        {"ec2:InstanceType": "t2.micro"},
        True,
    ),
    holds(
        IF_EXISTS,
        "a negated operator with IfExists still denies",
        {"StringNotEqualsIfExists": {TAG: "ledger"}},
        {},
        True,
    ),
    holds(
        IF_EXISTS,
        "other conditions can still fail",
        {"StringEqualsIfExists": {TAG: "a"}, "Bool": {TLS: "true"}},
        {TLS: "false"},
        False,
    ),
    holds(
        IF_EXISTS, "on numbers", {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}}, {"s3:TlsVersion": "1.3"}, False
    ),
    holds(IF_EXISTS, "on dates", {"DateLessThanIfExists": {NOW: "2026-01-01"}}, {}, True),
    holds(IF_EXISTS, "on ARNs", {"ArnEqualsIfExists": {SOURCE: TOPIC}}, {}, True),
]

COMBINED = [
    holds(
        LOGIC,
        "several operators: all",
        {"StringEquals": {TAG: "a"}, "Bool": {TLS: "true"}},
        {TAG: "a", TLS: "true"},
        True,
    ),
    holds(
        LOGIC,
        "several operators: one fails",
        {"StringEquals": {TAG: "a"}, "Bool": {TLS: "true"}},
        {TAG: "a", TLS: "false"},
        False,
    ),
    holds(
        LOGIC,
        "several keys of an operator: all",
        {"StringEquals": {TAG: "a", REGION: "b"}},
        {TAG: "a", REGION: "c"},
        False,
    ),
    holds(LOGIC, "several values: any", {"StringEquals": {TAG: ["a", "b"]}}, {TAG: "b"}, True),
    holds(LOGIC, "several values, negated: none", {"StringNotEquals": {TAG: ["a", "b"]}}, {TAG: "b"}, False),
    holds(LOGIC, "several values, negated: none", {"StringNotEquals": {TAG: ["a", "b"]}}, {TAG: "c"}, True),
    holds(
        BLOCK,
        "key names are case-insensitive",
        {"StringEquals": {"AWS:requestedREGION": "eu-west-1"}},
        {REGION: "eu-west-1"},
        True,
    ),
    holds(BLOCK, "tag keys in key names too", {"StringEquals": {"aws:PrincipalTag/TEAM": "a"}}, {TAG: "a"}, True),
    holds(BLOCK, "an empty Condition is always true", {}, {}, True),
]

ALL, ANY = "ForAllValues:", "ForAnyValue:"
SET_OPERATORS = [
    holds(SETS, "all within", {ALL + "StringEquals": {TAGS: ["a", "b"]}}, {TAGS: ["a", "b"]}, True),
    holds(SETS, "a subset is enough", {ALL + "StringEquals": {TAGS: ["a", "b"]}}, {TAGS: ["b"]}, True),
    holds(SETS, "one outside", {ALL + "StringEquals": {TAGS: ["a", "b"]}}, {TAGS: ["a", "c"]}, False),
    holds(SETS, "ForAllValues is true when the key is absent", {ALL + "StringEquals": {TAGS: ["a"]}}, {}, True),
    holds(SETS, "ForAllValues is true of an empty set", {ALL + "StringEquals": {TAGS: ["a"]}}, {TAGS: []}, True),
    holds(SETS, "ForAllValues is true of an empty text", {ALL + "StringEquals": {TAGS: ["a"]}}, {TAGS: ""}, True),
    holds(
        SETS,
        "ForAllValues with Null asks for the key",
        {ALL + "StringEquals": {TAGS: ["a"]}, "Null": {TAGS: "false"}},
        {},
        False,
    ),
    holds(
        SETS, "ForAllValues, negated: none within", {ALL + "StringNotEquals": {TAGS: ["a"]}}, {TAGS: ["b", "c"]}, True
    ),
    holds(
        SETS, "ForAllValues, negated: one within", {ALL + "StringNotEquals": {TAGS: ["a"]}}, {TAGS: ["a", "b"]}, False
    ),
    holds(SETS, "any within", {ANY + "StringEquals": {TAGS: ["a"]}}, {TAGS: ["x", "a"]}, True),
    holds(SETS, "none within", {ANY + "StringEquals": {TAGS: ["a"]}}, {TAGS: ["x", "y"]}, False),
    holds(SETS, "ForAnyValue is false when the key is absent", {ANY + "StringEquals": {TAGS: ["a"]}}, {}, False),
    holds(SETS, "ForAnyValue is false of an empty set", {ANY + "StringEquals": {TAGS: ["a"]}}, {TAGS: []}, False),
    holds(
        SETS, "ForAnyValue, negated: one is outside", {ANY + "StringNotEquals": {TAGS: ["a"]}}, {TAGS: ["a", "b"]}, True
    ),
    holds(SETS, "ForAnyValue, negated: absent is still false", {ANY + "StringNotEquals": {TAGS: ["a"]}}, {}, False),
    holds(SETS, "ForAnyValue comes before IfExists", {ANY + "StringLikeIfExists": {TAGS: ["a"]}}, {}, False),
    holds(SETS, "ForAllValues and IfExists agree", {ALL + "StringLikeIfExists": {TAGS: ["a"]}}, {}, True),
    holds(
        SETS, "wildcards with StringLike", {ALL + "StringLike": {TAGS: ["cost-*"]}}, {TAGS: ["cost-a", "cost-b"]}, True
    ),
    holds(
        SETS,
        "organisation paths",
        {ANY + "StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/ou-1/*"}},
        {"aws:PrincipalOrgPaths": ["o-a/r-b/ou-1/ou-2/"]},
        True,
    ),
]

ROWS: list[Row] = [
    *STRINGS,
    *NUMBERS,
    *DATES,
    *TRUTHS,
    *ADDRESSES,
    *ARNS,
    *EXISTENCE,
    *COMBINED,
    *SET_OPERATORS,
]
