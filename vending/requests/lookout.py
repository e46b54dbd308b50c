"""Where what AWS does on its own is seen to end: one look for all requests that wait for it, not one for each.

The limits are why: AWS takes two DescribeCreateAccountStatus a second of a whole organisation (Organizations user
guide, Quotas), and Control Tower's ListEnabledBaselines tells of five targets at once (API reference,
EnabledBaselineFilter).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from vending.core.aws import Aws

CREATION = "creation"
ENROLMENT = "enrolment"
TARGETS = 5
"""How many targets a filter of ListEnabledBaselines may name."""


def ended(aws: Aws, kind: str, subjects: Sequence[str]) -> frozenset[str]:
    """Those of the subjects that AWS has finished with, well or badly.

    Raises:
        AwsFailed: as AWS answers; then nothing is known, and the next round looks again.
    """
    return frozenset(LOOKS[kind](aws, subjects)) if subjects else frozenset()


def _creations(aws: Aws, subjects: Sequence[str]) -> Iterator[str]:
    """Ids of CreateAccount that are not in progress any more."""
    pages = aws.client("organizations").pages("list_create_account_status", States=["IN_PROGRESS"])
    in_progress = {status["Id"] for page in pages for status in page["CreateAccountStatuses"]}
    return (subject for subject in subjects if subject not in in_progress)


def _enrolments(aws: Aws, subjects: Sequence[str]) -> Iterator[str]:
    """ARNs of accounts whose own baseline has succeeded or failed."""
    tower, left = aws.client("controltower"), iter(subjects)
    while some := list(islice(left, TARGETS)):
        pages = tower.pages("list_enabled_baselines", filter={"targetIdentifiers": some}, includeChildren=True)
        for found in (found for page in pages for found in page["enabledBaselines"]):
            if found["statusSummary"]["status"] != "UNDER_CHANGE":
                yield str(found["targetIdentifier"])


LOOKS: Mapping[str, Callable[[Aws, Sequence[str]], Iterator[str]]] = {CREATION: _creations, ENROLMENT: _enrolments}
"""What can be looked at. A kind that is not here wakes nobody before its time."""
