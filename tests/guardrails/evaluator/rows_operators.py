"""Every condition operator in every form: plain, IfExists, ForAllValues and ForAnyValue, on values there and not there.

The values of each operator are written down here; what the forms make of them is the documentation's rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.guardrails.evaluator.rows_conditions import ARN, BINARY, BOOL, DATE, IF_EXISTS, IP, NUMERIC, STRING
from tests.guardrails.evaluator.table import IAM, OPERATORS, SETS, Row, deny, holds, matches


@dataclass(frozen=True)
class Sample:
    """What an operator compares, a value that satisfies it and one that does not."""

    source: str
    operator: str
    key: str
    value: str
    fits: str
    fails: str

    @property
    def negated(self) -> bool:
        """Whether the operator is the negation of another one."""
        return "Not" in self.operator


TAG, AGE, NOW, TLS = "aws:PrincipalTag/team", "aws:MultiFactorAuthAge", "aws:CurrentTime", "aws:SecureTransport"
ADDRESS, ARN_KEY, BLOB = "aws:SourceIp", "aws:SourceArn", "key"
JUNE, JULY, AUGUST = "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"
QUEUE, TOPIC = "arn:aws:sqs:eu-west-1:111122223333:queue", "arn:aws:sns:eu-west-1:111122223333:topic"

SAMPLES = (
    Sample(STRING, "StringEquals", TAG, "ledger", "ledger", "Ledger"),
    Sample(STRING, "StringNotEquals", TAG, "ledger", "Ledger", "ledger"),
    Sample(STRING, "StringEqualsIgnoreCase", TAG, "ledger", "LEDGER", "search"),
    Sample(STRING, "StringNotEqualsIgnoreCase", TAG, "ledger", "search", "LEDGER"),
    Sample(STRING, "StringLike", TAG, "l?d*", "ledger", "search"),
    Sample(STRING, "StringNotLike", TAG, "l?d*", "search", "ledger"),
    Sample(NUMERIC, "NumericEquals", AGE, "10", "10.0", "11"),
    Sample(NUMERIC, "NumericNotEquals", AGE, "10", "11", "10.0"),
    Sample(NUMERIC, "NumericLessThan", AGE, "10", "9", "10"),
    Sample(NUMERIC, "NumericLessThanEquals", AGE, "10", "10", "11"),
    Sample(NUMERIC, "NumericGreaterThan", AGE, "10", "11", "10"),
    Sample(NUMERIC, "NumericGreaterThanEquals", AGE, "10", "10", "9"),
    Sample(DATE, "DateEquals", NOW, JULY, JULY, AUGUST),
    Sample(DATE, "DateNotEquals", NOW, JULY, AUGUST, JULY),
    Sample(DATE, "DateLessThan", NOW, JULY, JUNE, JULY),
    Sample(DATE, "DateLessThanEquals", NOW, JULY, JULY, AUGUST),
    Sample(DATE, "DateGreaterThan", NOW, JULY, AUGUST, JULY),
    Sample(DATE, "DateGreaterThanEquals", NOW, JULY, JULY, JUNE),
    Sample(BOOL, "Bool", TLS, "false", "false", "true"),
    Sample(BINARY, "BinaryEquals", BLOB, "QmluYXJ5", "QmluYXJ5", "b3RoZXI="),
    Sample(IP, "IpAddress", ADDRESS, "203.0.113.0/24", "203.0.113.9", "198.51.100.9"),
    Sample(IP, "NotIpAddress", ADDRESS, "203.0.113.0/24", "198.51.100.9", "203.0.113.9"),
    Sample(ARN, "ArnEquals", ARN_KEY, "arn:aws:sqs:*:*:queue", QUEUE, TOPIC),
    Sample(ARN, "ArnLike", ARN_KEY, "arn:aws:sqs:*:*:queue", QUEUE, TOPIC),
    Sample(ARN, "ArnNotEquals", ARN_KEY, "arn:aws:sqs:*:*:queue", TOPIC, QUEUE),
    Sample(ARN, "ArnNotLike", ARN_KEY, "arn:aws:sqs:*:*:queue", TOPIC, QUEUE),
)
FORMS = ("", "IfExists", "ForAllValues:", "ForAnyValue:", "ForAllValues:IfExists", "ForAnyValue:IfExists")


def written(operator: str, form: str) -> str:
    """The operator's name in a form."""
    quantifier, colon, if_exists = form.rpartition(":")
    return f"{quantifier}{colon}{operator}{if_exists}"


def _rows(sample: Sample) -> Iterator[Row]:
    key, fits, fails = sample.key, sample.fits, sample.fails
    plain, if_exists, every, some, every_if, some_if = (
        {written(sample.operator, form): {key: sample.value}} for form in FORMS
    )
    name = sample.operator
    yield holds(sample.source, f"{name} is satisfied", plain, {key: fits}, True)
    yield holds(sample.source, f"{name} is not satisfied", plain, {key: fails}, False)
    yield holds(OPERATORS, f"{name} on an absent key", plain, {}, sample.negated)
    yield holds(IF_EXISTS, f"{name}IfExists compares what exists", if_exists, {key: fits}, True)
    yield holds(IF_EXISTS, f"{name}IfExists fails on what exists", if_exists, {key: fails}, False)
    yield holds(IF_EXISTS, f"{name}IfExists is true of what does not exist", if_exists, {}, True)
    yield holds(SETS, f"ForAllValues:{name} where all fit", every, {key: [fits, fits]}, True)
    yield holds(SETS, f"ForAllValues:{name} where one does not", every, {key: [fits, fails]}, False)
    yield holds(SETS, f"ForAllValues:{name} is true of nothing", every, {}, True)
    yield holds(SETS, f"ForAnyValue:{name} where one fits", some, {key: [fails, fits]}, True)
    yield holds(SETS, f"ForAnyValue:{name} where none fits", some, {key: [fails, fails]}, False)
    yield holds(SETS, f"ForAnyValue:{name} is false of nothing", some, {}, False)
    yield holds(SETS, f"ForAllValues:{name}IfExists where one does not fit", every_if, {key: [fits, fails]}, False)
    yield holds(SETS, f"ForAllValues:{name}IfExists is true of nothing", every_if, {}, True)
    yield holds(SETS, f"ForAnyValue:{name}IfExists where one fits", some_if, {key: [fails, fits]}, True)
    yield holds(SETS, f"ForAnyValue:{name}IfExists where none fits", some_if, {key: [fails]}, False)


READ_DIFFERENTLY = [
    holds(IP, "0.0.0.0/0 holds every IPv4 address", {"IpAddress": {ADDRESS: "0.0.0.0/0"}}, {ADDRESS: "10.1.2.3"}, True),
    holds(
        IP, "0.0.0.0/0 holds no IPv6 address", {"IpAddress": {ADDRESS: "0.0.0.0/0"}}, {ADDRESS: "2001:db8::1"}, False
    ),
    holds(IP, "an IPv6 address is not an IPv4 one", {"NotIpAddress": {ADDRESS: "203.0.113.7"}}, {ADDRESS: "::1"}, True),
    holds(OPERATORS, "an empty list is no value", {"StringNotEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": []}, True),
    holds(ARN, "an ARN has six parts", {"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, {}, False),
]
"""Where the second opinion reads the documentation in another way, and why it is not asked there."""

SID = IAM + "reference_policies_elements_sid.html"
NAMED = [matches(SID, "a Sid names a statement and decides nothing", deny("s3:GetObject", Sid="Named1"), True)]

ROWS = [*NAMED, *(row for sample in SAMPLES for row in _rows(sample)), *READ_DIFFERENTLY]
