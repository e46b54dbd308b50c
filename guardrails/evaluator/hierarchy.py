"""The policies on an account's path through the organisation, indexed by action.

SCPs: "there must be an explicit Allow statement at every level from the root through each OU in the direct
path to the account (including the target account itself)".
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html

RCPs: RCPFullAWSAccess is attached everywhere and "cannot be detached, so there will always be an Allow
statement"; no other RCP can allow. So levels of RCPs are asked for denials only, whether or not
RCPFullAWSAccess is listed.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from guardrails.evaluator.decision import Because, Kind
from guardrails.evaluator.question import Denial, Question, Requirement
from guardrails.evaluator.statement import Effect, Policy

Levels = Sequence[Sequence[Policy]]
"""From the root to the account, the policies attached at each level."""

RCP_SERVICES = frozenset(
    {
        "aoss",
        "appconfig",
        "appstream",
        "autoscaling",
        "autoscaling-plans",
        "budgets",
        "clouddirectory",
        "cloudfront",
        "cloudsearch",
        "cloudtrail-data",
        "codeartifact",
        "codebuild",
        "codecommit",
        "codepipeline",
        "cognito-identity",
        "cognito-idp",
        "comprehend",
        "comprehendmedical",
        "compute-optimizer",
        "cost-optimization-hub",
        "dax",
        "dsql",
        "dynamodb",
        "ecr",
        "ecr-public",
        "events",
        "firehose",
        "fis",
        "fms",
        "gamelift",
        "health",
        "inspector-scan",
        "kendra",
        "kinesisvideo",
        "kms",
        "logs",
        "memorydb",
        "networkmonitor",
        "notifications",
        "opensearch",
        "pca-connector-ad",
        "personalize",
        "polly",
        "pricing",
        "resource-groups",
        "rolesanywhere",
        "s3",
        "secretsmanager",
        "servicediscovery",
        "signin",
        "sqs",
        "sts",
        "support",
        "swf",
        "textract",
        "timestream-influxdb",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
        "workspaces",
        "xray",
    }
)
"""Services whose resources RCPs bind; to all others an RCP means nothing. As of 2026-09-26:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services"""

RCP_EXEMPT_ACTIONS = frozenset({"kms:retiregrant"})
"""https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps"""

_REMEMBERED_ACTIONS = 4_096


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """One chain of levels, all of SCPs or all of RCPs."""

    levels: tuple[tuple[Policy, ...], ...]
    kind: Kind
    _questions: dict[str, Question] = field(default_factory=dict, repr=False)

    def question(self, action: str) -> Question:
        """What these levels ask of a call of this action."""
        question = self._questions.get(action)
        if question is None:
            if len(self._questions) >= _REMEMBERED_ACTIONS:
                self._questions.clear()
            question = self._questions[action] = self._ask(action.lower())
        return question

    def _ask(self, action: str) -> Question:
        question = Question(tuple(self._denials(action)))
        if self.kind is Kind.RCP:
            return question
        asked = (self._requirement(level, action) for level in range(len(self.levels)))
        return question + Question((), tuple(each for each in asked if not each.is_always_met))

    def _denials(self, action: str) -> list[Denial]:
        return [
            Denial(Because(self.kind, level, number, statement.index, policy.name, statement.sid), statement)
            for level, policies in enumerate(self.levels)
            for number, policy in enumerate(policies)
            for statement in policy.statements
            if statement.effect is Effect.DENY and statement.covers(action)
        ]

    def _requirement(self, level: int, action: str) -> Requirement:
        allows = (
            statement
            for policy in self.levels[level]
            for statement in policy.statements
            if statement.effect is Effect.ALLOW and statement.covers(action)
        )
        return Requirement(Because(self.kind, level), tuple(allows))


@lru_cache(maxsize=4_096)
def _hierarchy(levels: tuple[tuple[Policy, ...], ...], kind: Kind) -> Hierarchy:
    return Hierarchy(levels, kind)


def hierarchy_of(levels: Levels | Hierarchy, kind: Kind) -> Hierarchy:
    """The compiled chain; the same policies give the same object as long as it is remembered."""
    if isinstance(levels, Hierarchy):
        return levels
    return _hierarchy(tuple(map(tuple, levels)), kind)
