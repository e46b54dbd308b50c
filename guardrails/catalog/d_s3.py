"""d.s3: no bucket is public, and every bucket wants TLS."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region; the account's own switch is read in each as well."""
    return Guardrail(
        id="d.s3",
        title="Buckets are watched",
        intent="The switch of the account is one; a bucket opened before it was set is another.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.1.1", "CIS v3 2.1.4", "CIS v5 2.1.1", "CIS v5 2.1.4", "NIST 800-53 AC-3"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
                "every bucket has its four switches on",
                lambda observed: observed.get("four_switches") is True,
                severity="high",
            ),
            Rule(
                "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
                "the account has its four switches on",
                lambda observed: observed.get("four_switches") is True,
            ),
            Rule(
                "S3_BUCKET_PUBLIC_READ_PROHIBITED",
                "no bucket can be read by everybody",
                lambda observed: observed.get("public") is False,
            ),
            Rule(
                "S3_BUCKET_SSL_REQUESTS_ONLY",
                "every bucket's policy denies requests without TLS",
                lambda observed: observed.get("denies_plain") is True,
                severity="medium",
            ),
        ),
        allows=(
            State("four switches on", {"four_switches": True}, "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"),
            State("four switches on", {"four_switches": True}, "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC"),
            State("a private bucket", {"public": False}, "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
            State("a policy that denies plain HTTP", {"denies_plain": True}, "S3_BUCKET_SSL_REQUESTS_ONLY"),
        ),
        denies=(
            State("a switch off", {"four_switches": False}, "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"),
            State("a switch off", {"four_switches": False}, "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC"),
            State("a bucket with a public policy", {"public": True}, "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
            State("a bucket without a policy", {"denies_plain": False}, "S3_BUCKET_SSL_REQUESTS_ONLY"),
        ),
    )
