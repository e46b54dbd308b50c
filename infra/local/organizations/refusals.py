"""The errors of AWS Organizations, each with the sentence of its shape in botocore's model."""

from infra.local.service import Refusal

_SENTENCES = {
    "AccessDeniedException": "You don't have permissions to access this resource.",
    "AccountAlreadyClosedException": "You attempted to close an account that is already closed.",
    "AccountAlreadyRegisteredException": "The specified account is already a delegated administrator for this"
    " Amazon Web Services service.",
    "AccountNotFoundException": "You specified an account that doesn't exist.",
    "AccountNotRegisteredException": "The specified account is not a delegated administrator for this Amazon Web"
    " Services service.",
    "ChildNotFoundException": "You specified a child that doesn't exist.",
    "ConflictException": "The request failed because it conflicts with the current state of the specified resource.",
    "CreateAccountStatusNotFoundException": "You specified a create account request that doesn't exist.",
    "DestinationParentNotFoundException": "You specified a destination parent that doesn't exist.",
    "DuplicateAccountException": "That account is already present in the specified destination.",
    "DuplicateHandshakeException": "A handshake with the same action and target already exists.",
    "DuplicateOrganizationalUnitException": "An OU with the same name already exists.",
    "DuplicatePolicyAttachmentException": "A policy with the specified name and type is already attached.",
    "DuplicatePolicyException": "A policy with the same name already exists.",
    "EffectivePolicyNotFoundException": "If you ran this action on the management account, this policy type is not"
    " enabled. If you ran the action on a member account, the account doesn't have an effective policy of this type.",
    "HandshakeAlreadyInStateException": "The specified handshake is already in the requested state.",
    "HandshakeNotFoundException": "We can't find a handshake with the HandshakeId that you specified.",
    "InvalidHandshakeTransitionException": "You can't perform the operation on the handshake in its current state.",
    "MalformedPolicyDocumentException": "The provided policy document does not meet the requirements of the"
    " specified policy type.",
    "MasterCannotLeaveOrganizationException": "You can't remove a management account from an organization.",
    "OrganizationalUnitNotEmptyException": "The specified OU is not empty.",
    "OrganizationalUnitNotFoundException": "You specified an organizational unit that doesn't exist.",
    "ParentNotFoundException": "You specified a parent that doesn't exist.",
    "PolicyInUseException": "The policy is attached to one or more entities.",
    "PolicyNotAttachedException": "The policy isn't attached to the specified target.",
    "PolicyNotFoundException": "You specified a policy that doesn't exist.",
    "PolicyTypeAlreadyEnabledException": "The specified policy type is already enabled.",
    "PolicyTypeNotEnabledException": "This operation can be performed only for enabled policy types.",
    "RootNotFoundException": "You specified a root that doesn't exist.",
    "SourceParentNotFoundException": "You specified a source parent that doesn't exist.",
    "TargetNotFoundException": "You specified a target that doesn't exist.",
}


def refusal(code: str, detail: str = "") -> Refusal:
    """The error of that name; `detail` says more where AWS does."""
    sentence = _SENTENCES[code]
    return Refusal(code, f"{sentence} {detail}" if detail else sentence)


def constraint(reason: str, sentence: str) -> Refusal:
    """ConstraintViolationException: the reason, not the class, says what to do."""
    return Refusal("ConstraintViolationException", sentence, Reason=reason)


def invalid_input(reason: str, sentence: str = "You specified an invalid value.") -> Refusal:
    """InvalidInputException with the member that says which kind."""
    return Refusal("InvalidInputException", sentence, Reason=reason)
