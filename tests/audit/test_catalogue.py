"""Names of deployed rules, and the controls behind them."""

from dataclasses import replace

import pytest

from audit.catalogue import Catalogue, Entry, guess_identifier, plain_name
from audit.finding import Severity
from guardrails.catalog import load_catalogue
from infra.local.controlcatalog.catalogue import read_catalogue
from tests.audit.ground import acme

SSH = Entry("arn:ssh", "No SSH from the internet", Severity.HIGH, ("CIS 5.2",))


@pytest.mark.parametrize(
    ("deployed", "plain"),
    [
        ("OrgConfigRule-iam-password-policy-abcd1234", "iam-password-policy"),
        ("AWSControlTower_AWS-GR_RESTRICTED_SSH", "RESTRICTED_SSH"),
        ("securityhub-iam-user-mfa-1a2b3c4d", "iam-user-mfa"),
        ("s3-bucket-ssl-conformance-pack-x1y2z3", "s3-bucket-ssl"),
        ("our-own-rule", "our-own-rule"),
    ],
)
def test_what_a_service_put_around_a_name_is_taken_off(deployed: str, plain: str) -> None:
    assert plain_name(deployed) == plain


def test_a_rules_name_tells_the_managed_rule_it_most_likely_is() -> None:
    assert guess_identifier("OrgConfigRule-s3-bucket-ssl-requests-only-abcd1234") == "S3_BUCKET_SSL_REQUESTS_ONLY"


def test_a_control_is_found_by_its_arn_its_alias_and_the_rule_it_deployed() -> None:
    catalogue = Catalogue({"AWS-GR_RESTRICTED_SSH": SSH, "arn:ssh": SSH}, {"INCOMING_SSH_DISABLED": SSH})

    assert catalogue.control("arn:aws:controltower:eu-west-1::control/AWS-GR_RESTRICTED_SSH") is SSH
    assert catalogue.control("arn:ssh") is SSH
    assert catalogue.deployed("AWSControlTower_AWS-GR_RESTRICTED_SSH") is SSH
    assert catalogue.rule("INCOMING_SSH_DISABLED") is SSH
    assert catalogue.control("arn:other") is None


def test_guardrails_that_deploy_a_rule_add_their_frameworks_and_their_words_and_severity_where_aws_has_none() -> None:
    known = Catalogue({}, {"EC2_EBS_ENCRYPTION_BY_DEFAULT": SSH}).with_guardrails(load_catalogue(acme()))

    assert known.rule("EC2_EBS_ENCRYPTION_BY_DEFAULT") == replace(
        SSH, frameworks=("CIS 5.2", "CIS v3 2.2.1", "CIS v5 5.1.1", "NIST 800-53 SC-28")
    )
    assert known.rule("S3_BUCKET_SSL_REQUESTS_ONLY") == Entry(
        "d.s3",
        "Every bucket's policy denies requests without TLS",
        Severity.MEDIUM,
        ("CIS v3 2.1.1", "CIS v3 2.1.4", "CIS v5 2.1.1", "CIS v5 2.1.4", "NIST 800-53 AC-3"),
    )


def test_every_rule_of_ours_is_rated_by_aws_or_by_the_guardrail_and_never_by_both() -> None:
    by_aws = {one.implementation_id for one in read_catalogue().controls if one.severity}

    for guardrail in load_catalogue(acme()):
        for rule in guardrail.rules:
            assert bool(rule.severity) != (rule.identifier in by_aws), rule.identifier
