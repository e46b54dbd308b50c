"""The one table that turns what AWS says into what happened, who can mend it, and how.

Keys are CreateAccount's FailureReason, ConstraintViolationException's Reason, or an error code, as the API references
of Organizations, Control Tower, Config, IAM Identity Center and Budgets list them (read 2026-11-20).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vending.core.errors import AwsFailed
from vending.requests.model import Cause

REQUESTER = "requester"
OPERATOR = "operator"
PLATFORM = "platform"
AWS = "aws"


@dataclass(frozen=True)
class Meaning:
    """A row of the table."""

    sentence: str
    remedy: str
    who: str
    field: str | None = None


_RESUME = "Then resume the request."
_SUPPORT = "Open a case with AWS Support, naming the request id below. " + _RESUME
_PAYMENT = f"Put the management account's billing in order. {_RESUME}"

MEANINGS: Mapping[str, Meaning] = {
    # CreateAccountStatus.FailureReason
    "ACCOUNT_LIMIT_EXCEEDED": Meaning(
        "The organisation has as many accounts as its quota allows.",
        f"Raise the Organizations quota 'Default maximum number of accounts', or close accounts. {_RESUME}",
        PLATFORM,
    ),
    "EMAIL_ALREADY_EXISTS": Meaning(
        "The e-mail address of the account is in use by another AWS account.",
        "Resume the request, or edit it: a new address is derived.",
        REQUESTER,
    ),
    "INVALID_EMAIL": Meaning(
        "AWS does not take the account's e-mail address.",
        f"Mend `email` in the company file, or choose another name. {_RESUME}",
        PLATFORM,
        "name",
    ),
    "INVALID_ADDRESS": Meaning(
        "AWS does not take the organisation's postal address.",
        f"Mend the management account's contact information. {_RESUME}",
        PLATFORM,
    ),
    "CONCURRENT_ACCOUNT_MODIFICATION": Meaning(
        "AWS was changing the same account for somebody else at that moment.", "Resume the request.", REQUESTER
    ),
    "INTERNAL_FAILURE": Meaning(
        "AWS could not make the account and gives no reason.",
        "Resume the request; if it fails again, ask AWS Support.",
        OPERATOR,
    ),
    "GOVCLOUD_ACCOUNT_ALREADY_EXISTS": Meaning("A GovCloud account of that kind exists already.", _SUPPORT, OPERATOR),
    "MISSING_BUSINESS_VALIDATION": Meaning("AWS has not validated the company's business details.", _SUPPORT, PLATFORM),
    "FAILED_BUSINESS_VALIDATION": Meaning("AWS could not validate the company's business details.", _SUPPORT, PLATFORM),
    "PENDING_BUSINESS_VALIDATION": Meaning(
        "AWS is still validating the company's business details.", f"Wait for it. {_RESUME}", PLATFORM
    ),
    "UNKNOWN_BUSINESS_VALIDATION": Meaning(
        "AWS cannot tell whether the company's business details are valid.", _SUPPORT, PLATFORM
    ),
    "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION": Meaning(
        "The identity given for the business validation is not valid.", _SUPPORT, PLATFORM
    ),
    "MISSING_PAYMENT_INSTRUMENT": Meaning("The management account has no way to pay.", _PAYMENT, PLATFORM),
    "INVALID_PAYMENT_INSTRUMENT": Meaning("The management account's way to pay is not valid.", _PAYMENT, PLATFORM),
    "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED": Meaning(
        "The organisation's resource policy cannot be changed together with tags.", _SUPPORT, PLATFORM
    ),
    # ConstraintViolationException.Reason
    "ACCOUNT_NUMBER_LIMIT_EXCEEDED": Meaning(
        "The organisation has as many accounts as its quota allows.",
        f"Raise the Organizations quota 'Default maximum number of accounts', or close accounts. {_RESUME}",
        PLATFORM,
    ),
    "ACCOUNT_CREATION_NOT_COMPLETE": Meaning(
        "The account is not complete yet and cannot be used.", "Wait a few minutes, then resume the request.", OPERATOR
    ),
    "TAG_POLICY_VIOLATION": Meaning(
        "A tag policy of the organisation forbids one of the tags.",
        "Edit the tags as the tag policy asks.",
        REQUESTER,
        "tags",
    ),
    "MAX_TAG_LIMIT_EXCEEDED": Meaning(
        "There are more tags than an account may have.", "Edit the request: drop tags.", REQUESTER, "tags"
    ),
    "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED": Meaning(
        "The account or OU has no free slot for a guardrail.",
        f"Detach a policy that is not needed. {_RESUME}",
        PLATFORM,
    ),
    "PAYMENT_INSTRUMENT_REQUIRED": Meaning("The management account has no way to pay.", _PAYMENT, PLATFORM),
    "CUSTOMER_AGREEMENT_REQUIRED": Meaning(
        "The AWS Customer Agreement was not accepted.", f"Accept it in the management account. {_RESUME}", PLATFORM
    ),
    "EMAIL_VERIFICATION_CODE_EXPIRED": Meaning(
        "The management account's e-mail was not verified in time.", f"Verify it. {_RESUME}", PLATFORM
    ),
    "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE": Meaning(
        "The management account's address does not fit its marketplace.", _SUPPORT, PLATFORM
    ),
    "MASTER_ACCOUNT_MISSING_CONTACT_INFO": Meaning(
        "The management account's contact information is incomplete.", f"Complete it. {_RESUME}", PLATFORM
    ),
    "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED": Meaning(
        "The management account is not enabled for GovCloud.", _SUPPORT, PLATFORM
    ),
    "HANDSHAKE_RATE_LIMIT_EXCEEDED": Meaning(
        "The organisation has used up its invitations of the day.", f"Wait until tomorrow. {_RESUME}", OPERATOR
    ),
    "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED": Meaning(
        "The account would be left without a policy of a kind that must not be missing.",
        f"Attach FullAWSAccess to the account. {_RESUME}",
        PLATFORM,
    ),
    "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE": Meaning(
        "The organisation has only consolidated billing, and no guardrails.",
        f"Enable all features of the organisation. {_RESUME}",
        PLATFORM,
    ),
    "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED": Meaning(
        "The management account has no way to pay.", _PAYMENT, PLATFORM
    ),
    "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE": Meaning(
        "The management account's business licence is missing.", _SUPPORT, PLATFORM
    ),
    "WAIT_PERIOD_ACTIVE": Meaning(
        "AWS imposes a waiting period on the organisation.", f"Wait until it is over. {_RESUME}", OPERATOR
    ),
    "SERVICE_ACCESS_NOT_ENABLED": Meaning(
        "The organisation does not trust the service.", f"Enable trusted access for it. {_RESUME}", PLATFORM
    ),
    "UNMET_BILLING_PREREQUISITE": Meaning("The management account's billing is not ready.", _PAYMENT, PLATFORM),
    "UNSUPPORTED_PRICING": Meaning("The management account's pricing plan does not allow it.", _SUPPORT, PLATFORM),
    # Error codes
    "FinalizingOrganizationException": Meaning(
        "AWS is still setting the organisation up.", "Wait up to an hour, then resume the request.", OPERATOR
    ),
    "AWSOrganizationsNotInUseException": Meaning(
        "The account that Freehold runs from has no organisation.", "Run it from the management account.", PLATFORM
    ),
    "UnsupportedAPIEndpointException": Meaning(
        "Organizations does not answer in this region.", "Mend the region in the platform's settings.", PLATFORM
    ),
    "InvalidInputException": Meaning("AWS does not take what was sent.", "Edit the field that AWS names.", REQUESTER),
    "AccountNotFoundException": Meaning("AWS knows no such account.", f"Find out who removed it. {_RESUME}", OPERATOR),
    "CreateAccountStatusNotFoundException": Meaning(
        "AWS no longer knows the creation that it began.", "Ask AWS Support for the account.", OPERATOR
    ),
    "ChildNotFoundException": Meaning("AWS knows no such account.", f"Find out who removed it. {_RESUME}", OPERATOR),
    "TargetNotFoundException": Meaning("AWS knows no such account.", f"Find out who removed it. {_RESUME}", OPERATOR),
    "ParentNotFoundException": Meaning(
        "The organisation's OUs were changed meanwhile.", "Resume the request.", OPERATOR
    ),
    "OrganizationalUnitNotFoundException": Meaning(
        "The organisation's OUs were changed meanwhile.", "Resume the request.", OPERATOR
    ),
    "PolicyNotFoundException": Meaning(
        "The quarantine guardrail does not exist.", f"`freehold guardrails apply` makes it. {_RESUME}", PLATFORM
    ),
    "PolicyNotAttachedException": Meaning("The quarantine was lifted meanwhile.", "Resume the request.", OPERATOR),
    "PolicyTypeNotEnabledException": Meaning(
        "The organisation has no service control policies.", f"Enable that type of policy. {_RESUME}", PLATFORM
    ),
    "DestinationParentNotFoundException": Meaning(
        "The OU for this account does not exist.", f"Create and register it. {_RESUME}", PLATFORM
    ),
    "SourceParentNotFoundException": Meaning(
        "The account was moved by somebody else meanwhile.", "Resume the request.", OPERATOR
    ),
    "ValidationException": Meaning(
        "AWS does not take what was sent.", "An operator has to look at AWS's own words.", OPERATOR
    ),
    "ServiceQuotaExceededException": Meaning(
        "A quota of the service is used up.", f"Raise the quota. {_RESUME}", PLATFORM
    ),
    "ResourceNotFoundException": Meaning(
        "Something that the step needs is not there.", f"Look at AWS's own words and restore it. {_RESUME}", PLATFORM
    ),
    "NotFoundException": Meaning(
        "Something that the step needs is not there.", f"Look at AWS's own words and restore it. {_RESUME}", PLATFORM
    ),
    "InvalidParameterException": Meaning(
        "AWS does not take what was sent.", "An operator has to look at AWS's own words.", OPERATOR
    ),
    "CreationLimitExceededException": Meaning(
        "The management account has as many budgets as its quota allows.", f"Raise the quota. {_RESUME}", PLATFORM
    ),
    "BillingViewHealthStatusException": Meaning(
        "The billing view of the management account is not healthy.", _PAYMENT, PLATFORM
    ),
    "InsufficientDeliveryPolicyException": Meaning(
        "The bucket of the company's logs does not let Config write.",
        f"Let it in: the guide for a company without Control Tower has the policy. {_RESUME}",
        PLATFORM,
    ),
    "NoSuchBucketException": Meaning(
        "The bucket of the company's logs is not there.",
        f"Make it, or mend `landing_zone.log_bucket` in the company file. {_RESUME}",
        PLATFORM,
    ),
    "RegionDisabledException": Meaning(
        "STS is switched off in the home region.", f"Activate it in the account settings of IAM. {_RESUME}", PLATFORM
    ),
    "ExpiredTokenException": Meaning("Freehold's own credentials have expired.", "Resume the request.", PLATFORM),
    "ServiceException": Meaning("AWS had an error of its own.", "Resume the request.", OPERATOR),
}

DENIED = Meaning(
    "Freehold itself is not allowed to do this: a right is missing or a guardrail denies it.",
    f"See with `freehold guardrails why` what denies it and mend that. {_RESUME}",
    PLATFORM,
)
UNKNOWN = Meaning(
    "AWS refused for a reason that is not in our table.",
    "An operator has to read AWS's own words and decide. Then resume the request.",
    OPERATOR,
)


def explain(error: AwsFailed) -> Cause:
    """The cause behind an AWS error: by its Reason, then its code; what is unknown is said to be unknown."""
    meaning = MEANINGS.get(error.aws_reason) or MEANINGS.get(error.aws_code)
    if meaning is None:
        meaning = DENIED if error.code == "aws-denied" else UNKNOWN
    said = f"{meaning.sentence} {error.sentence}"
    return _cause(error.aws_reason or error.aws_code or error.code, meaning, said, error.aws_request_id)


def explain_failure(reason: str) -> Cause:
    """The cause behind CreateAccountStatus.FailureReason."""
    meaning = MEANINGS.get(reason, UNKNOWN)
    sentence = meaning.sentence if reason in MEANINGS else f"{meaning.sentence} AWS calls it {reason}."
    return _cause(reason, meaning, sentence, "")


def waited_too_long(title: str, seconds: int, last: str) -> Cause:
    """The cause when a step stayed pending beyond its patience."""
    sentence = f"{title} is not done after {seconds // 60} minutes. Last seen: {last}"
    return Cause(
        code="timed-out", sentence=sentence, remedy="Find out what holds AWS up, then resume the request.", who=OPERATOR
    )


def cancelled(by: str) -> Cause:
    """The cause when somebody cancelled after AWS was asked."""
    return Cause(
        code="cancelled",
        sentence=f"{by} cancelled the request after AWS was asked for the account. It stays in quarantine.",
        remedy="Resume the request to have it after all, or let an operator close the account.",
        who=REQUESTER,
    )


def withdrawn(by: str) -> Cause:
    """The cause when somebody cancelled while it was in doubt whether AWS was asked, and AWS was not."""
    return Cause(
        code="cancelled",
        sentence=f"{by} cancelled the request. AWS has made no account for it.",
        remedy="Resume the request to have the account after all.",
        who=REQUESTER,
    )


def executions_broke(number: int) -> Cause:
    """The cause when executions of the workflow broke, one after the other."""
    return Cause(
        code="executions-broke",
        sentence=f"Freehold took the request up {number} times, and each time its workflow ended too early.",
        remedy="Read in Lambda, Durable executions, what ended them, mend it, then resume the request.",
        who=OPERATOR,
    )


def unexpected(error: Exception) -> Cause:
    """The cause behind an error that nobody foresaw."""
    sentence = f"Freehold failed in a way it does not know: {type(error).__name__}: {error}"
    return Cause(
        code="unexpected",
        sentence=sentence,
        remedy="Report it to the platform team, then resume the request.",
        who=PLATFORM,
    )


def _cause(code: str, meaning: Meaning, sentence: str, aws_request_id: str) -> Cause:
    return Cause(
        code=code,
        sentence=sentence,
        remedy=meaning.remedy,
        who=meaning.who,
        field=meaning.field,
        aws_request_id=aws_request_id,
    )
