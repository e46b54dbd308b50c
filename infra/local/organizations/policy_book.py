"""Policies of an organisation: made, changed, attached, within AWS's limits."""

from typing import Any

from infra.local.organizations.entities import Policy, Root, Target
from infra.local.organizations.organization import Organization
from infra.local.organizations.policies import FULL_ACCESS, FULL_ACCESS_CONTENT, MODELLED, check_content
from infra.local.organizations.refusals import constraint, invalid_input, refusal

NON_DETACHABLE = "p-RCPFullAWSAccess"


class PolicyBook:
    """The policies of one organisation."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.limits = organization.cloud.limits

    def enable(self, root_id: str, policy_type: str) -> Root:
        """Enable a type; the types that need an Allow get AWS's own policy on every target."""
        root, policy_type = self._root(root_id), modelled(policy_type)
        if policy_type in root.policy_types:
            raise refusal("PolicyTypeAlreadyEnabledException")
        root.policy_types.append(policy_type)
        if policy_type in FULL_ACCESS:
            self._attach_everywhere(self._full_access(policy_type))
        return root

    def disable(self, root_id: str, policy_type: str) -> Root:
        """Disable a type; every attachment of it is lost."""
        root, policy_type = self._root(root_id), modelled(policy_type)
        if policy_type not in root.policy_types:
            raise refusal("PolicyTypeNotEnabledException")
        root.policy_types.remove(policy_type)
        for policy in self.of_type(policy_type):
            for target in policy.targets:
                target.policies.remove(policy)
            policy.targets.clear()
        return root

    def create(self, policy_type: str, name: str, description: str, content: str, tags: dict[str, str]) -> Policy:
        """A new policy of an account's own, not attached to anything."""
        self._check_content(modelled(policy_type), content)
        self._check_name(policy_type, name)
        own = [policy for policy in self.of_type(policy_type) if not policy.aws_managed]
        if self.limits.exceeded(f"organizations.{policy_type}.policies", len(own) + 1):
            raise constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of policies.")
        policy_id = f"p-{self.organization.cloud.dice.letters(8)}"
        arn = self.organization.arn_of("policy", self.organization.id, policy_type.lower(), policy_id)
        policy = Policy(policy_id, arn, name, policy_type, description, content, tags=tags)
        self.organization.policies[policy_id] = policy
        return policy

    def find(self, policy_id: str) -> Policy:
        """One policy; PolicyNotFoundException."""
        if policy_id not in self.organization.policies:
            raise refusal("PolicyNotFoundException")
        return self.organization.policies[policy_id]

    def of_type(self, policy_type: str) -> list[Policy]:
        """Every policy of a type, AWS's own included."""
        return [policy for policy in self.organization.policies.values() if policy.type == policy_type]

    def update(self, policy_id: str, name: str | None, description: str | None, content: str | None) -> Policy:
        """Change what is given, in every place it is attached at once."""
        policy = self._own(policy_id)
        if content is not None:
            self._check_content(policy.type, content)
        if name is not None and name != policy.name:
            self._check_name(policy.type, name)
        policy.name = policy.name if name is None else name
        policy.description = policy.description if description is None else description
        policy.content = policy.content if content is None else content
        return policy

    def delete(self, policy_id: str) -> None:
        """Delete a policy that is attached nowhere."""
        policy = self._own(policy_id)
        if policy.targets:
            raise refusal("PolicyInUseException")
        del self.organization.policies[policy_id]

    def attach(self, policy_id: str, target_id: str) -> None:
        """Attach a policy to a root, OU or account that has room for it."""
        policy, target = self.find(policy_id), self.organization.find(target_id)
        if policy.type not in self.organization.root.policy_types:
            raise refusal("PolicyTypeNotEnabledException")
        if policy in target.policies:
            raise refusal("DuplicatePolicyAttachmentException")
        if self.limits.exceeded(f"organizations.{policy.type}.attached", len(attached(target, policy.type)) + 1):
            raise constraint(
                "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You attempted to exceed the number of policies of a certain type that can be attached to an entity"
                " at one time.",
            )
        self._attach(policy, target)

    def detach(self, policy_id: str, target_id: str) -> None:
        """Detach a policy; the last SCP stays, and so does RCPFullAWSAccess."""
        policy, target = self.find(policy_id), self.organization.find(target_id)
        if policy not in target.policies:
            raise refusal("PolicyNotAttachedException")
        if policy.id == NON_DETACHABLE:
            raise invalid_input("NON_DETACHABLE_POLICY", "You can't detach this policy.")
        if policy.type == "SERVICE_CONTROL_POLICY" and len(attached(target, policy.type)) == 1:
            raise constraint(
                "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You attempted to detach a policy from an entity that would cause the entity to have fewer than the"
                " minimum number of policies of a certain type required.",
            )
        target.policies.remove(policy)
        policy.targets.remove(target)

    def _attach(self, policy: Policy, target: Target) -> None:
        target.policies.append(policy)
        policy.targets.append(target)

    def _attach_everywhere(self, policy: Policy) -> None:
        for target in self.organization.targets.values():
            self._attach(policy, target)

    def _full_access(self, policy_type: str) -> Policy:
        policy_id, name, description = FULL_ACCESS[policy_type]
        arn = f"arn:aws:organizations::aws:policy/{policy_type.lower()}/{policy_id}"
        policy = Policy(policy_id, arn, name, policy_type, description, FULL_ACCESS_CONTENT[policy_type], True)
        return self.organization.policies.setdefault(policy_id, policy)

    def _own(self, policy_id: str) -> Policy:
        policy = self.find(policy_id)
        if policy.aws_managed:
            raise invalid_input("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS.")
        return policy

    def _root(self, root_id: str) -> Root:
        if root_id != self.organization.root.id:
            raise refusal("RootNotFoundException")
        return self.organization.root

    def _check_content(self, policy_type: str, content: str) -> None:
        if self.limits.exceeded(f"organizations.{policy_type}.size", len(content)):
            raise constraint(
                "POLICY_CONTENT_LIMIT_EXCEEDED", "You attempted to exceed the maximum size of a policy document."
            )
        check_content(policy_type, content)

    def _check_name(self, policy_type: str, name: str) -> None:
        if any(policy.name == name for policy in self.of_type(policy_type)):
            raise refusal("DuplicatePolicyException")


def attached(target: Target, policy_type: str) -> list[Policy]:
    """The policies of a type directly on a target."""
    return [policy for policy in target.policies if policy.type == policy_type]


def modelled(policy_type: Any) -> str:
    """The type, or NotImplementedError for one whose limits and language are not modelled."""
    if policy_type not in MODELLED:
        raise NotImplementedError(f"policy type {policy_type}")
    return str(policy_type)
