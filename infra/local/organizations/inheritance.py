"""What the management policies of a path come to for one account: the documents of root, OUs and account, merged.

Each level goes over the one above: `@@assign` sets a value, `@@append` and `@@remove` change a list
(https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html). The operators by which a parent
forbids its children others (`@@operators_allowed_for_child_policies`) are not modelled.
"""

import json
from collections.abc import Mapping
from typing import Any

from infra.local.organizations.entities import Target
from infra.local.organizations.grammar import CHILD_CONTROL, ON_A_LIST
from infra.local.organizations.organization import Organization


def effective_content(target: Target, policy_type: str) -> dict[str, Any]:
    """The merged document of an account, with plain values in place of operators; empty where no policy applies.

    Raises:
        NotImplementedError: where a document says which operators its children may use.
    """
    merged: dict[str, Any] = {}
    for level in target.lineage():
        for policy in level.policies:
            if policy.type == policy_type:
                _merge(merged, json.loads(policy.content))
    return merged


def effective_attributes(organization: Organization, account_id: str, policy_type: str, key: str) -> dict[str, Any]:
    """What stands under the top-level key of an account's effective policy; empty where the type is not in force.

    A declarative policy binds the accounts under its target, the management account included.
    """
    if policy_type not in organization.root.policy_types:
        return {}
    account = organization.targets.get(account_id)
    return dict(effective_content(account, policy_type).get(key, {})) if account else {}


def _merge(merged: dict[str, Any], document: Mapping[str, Any]) -> None:
    if CHILD_CONTROL in document:
        raise NotImplementedError(CHILD_CONTROL)
    for name, entry in document.items():
        if ON_A_LIST & entry.keys():
            merged[name] = _valued(merged.get(name), entry)
        else:
            below = merged.setdefault(name, {})
            _merge(below, entry)


def _valued(above: Any, operators: Mapping[str, Any]) -> Any:
    """A value after the operators of a lower level."""
    value = operators.get("@@assign", above)
    if not {"@@append", "@@remove"} & operators.keys():
        return value
    listed = [*(value or []), *operators.get("@@append", [])]
    return [one for one in dict.fromkeys(listed) if one not in operators.get("@@remove", [])]
