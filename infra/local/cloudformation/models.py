"""State of CloudFormation: moto's stacks, which act for whoever asks or for their service role, and roll back.

Without a service role a stack acts with its caller's rights; either way its calls are forward access sessions:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/fas-requests-and-permission-evaluation.html
"""

from typing import Any, NoReturn

from moto.cloudformation import models as motos
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Event, Stack, cloudformation_backends
from moto.cloudformation.parsing import OutputMap

from infra.local.authorize.forwarded import Forwarded, in_callers_name, in_roles_name
from infra.local.cloudformation.resources import JudgedResources, ResourceFailed, is_deletable
from infra.local.cloudformation.template import check_types, read_template
from infra.local.service import Refusal

CLOUDFORMATION = "cloudformation.amazonaws.com"
ROLLBACK, DO_NOTHING, DELETE = "ROLLBACK", "DO_NOTHING", "DELETE"


def _acting_for(role_arn: str | None, region: str) -> Forwarded:
    """A role, where one is given, else whoever makes the call that is being answered.

    Raises:
        ValidationError: for a role that is not there or does not trust CloudFormation.
    """
    if not role_arn:
        return in_callers_name(CLOUDFORMATION, region)
    forwarded = in_roles_name(role_arn, "AWSCloudFormation", CLOUDFORMATION, region)
    if forwarded is None:
        raise ValidationError(message=f"Role {role_arn} is invalid or cannot be assumed")
    return forwarded


class LocalStack(Stack):
    """One stack."""

    resource_map: JudgedResources

    def acts_for(self) -> Forwarded:
        """The stack's role, else whoever makes the call that is being answered."""
        return _acting_for(self.role_arn, self.region_name)

    def tell(self, logical_id: str, kind: str, status: str, reason: str | None) -> None:
        """Write an event of a resource."""
        made = self.resource_map._parsed_resources.get(logical_id)
        physical = str(getattr(made, "physical_resource_id", "") or "")
        event = Event(self.stack_id, self.name, logical_id, physical, kind, status, reason, None)
        event.sendToSns(self.account_id, self.region_name, self.notification_arns)
        self.events.append(event)

    def _parse_template(self) -> None:
        super()._parse_template()
        check_types(self.template_dict)

    def _create_resource_map(self) -> JudgedResources:
        known = JudgedResources(
            self.stack_id,
            self.name,
            self.parameters,
            self.tags,
            account_id=self.account_id,
            region_name=self.region_name,
            template=self.template_dict,
            cross_stack_resources=self.cross_stack_resources,
        )
        known.acts_for, known.tell = self.acts_for, self.tell
        known.load()
        return known

    def update(
        self,
        template: str,
        role_arn: str | None = None,
        parameters: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Moto's; where a resource is refused everything is as it was."""
        before, self.role_arn = self.template, role_arn or self.role_arn
        self.acts_for()
        changed = False
        try:
            super().update(template, self.role_arn, parameters, tags)
            changed = True
        except ResourceFailed as why:
            self.rolled_back(why, "UPDATE")
        finally:
            if not changed:
                self.template = before
                self._parse_template()

    def fail(self, why: ResourceFailed) -> None:
        """Creation stops here, with what was made."""
        self.tell(why.logical_id, why.kind, "CREATE_FAILED", why.reason)
        self._becomes("CREATE_FAILED", f"The following resource(s) failed to create: [{why.logical_id}]. ")
        self.resource_map.forget_the_rest()
        self.output_map = OutputMap(self.resource_map, {}, self.stack_id)

    def roll_back(self) -> None:
        """Delete what was made before creation failed."""
        failed = next(event for event in reversed(self.events) if event.resource_status == "CREATE_FAILED")
        self._becomes("ROLLBACK_IN_PROGRESS", f"{failed.resource_status_reason}Rollback requested by user.")
        if reason := self.clear_away():
            self._becomes("ROLLBACK_FAILED", reason)
        else:
            self._becomes("ROLLBACK_COMPLETE")

    def rolled_back(self, why: ResourceFailed, verb: str) -> None:
        """A change that was refused, and of which nothing is left."""
        self.tell(why.logical_id, why.kind, f"{verb}_FAILED", why.reason)
        reason = f"The following resource(s) failed to {verb.lower()}: [{why.logical_id}]. "
        self._becomes(f"{verb}_ROLLBACK_IN_PROGRESS", reason)
        self._becomes(f"{verb}_ROLLBACK_COMPLETE")

    def delete(self) -> None:
        """Every resource that may be deleted; where one may not the stack stays."""
        self._becomes("DELETE_IN_PROGRESS", "User Initiated")
        if reason := self.clear_away():
            self._becomes("DELETE_FAILED", reason)
        else:
            self.output_map = OutputMap(self.resource_map, {}, self.stack_id)
            self._becomes("DELETE_COMPLETE")

    def clear_away(self) -> str | None:
        """Delete what there is; why not all of it could be."""
        left = [name for name, kind in self.resource_map.made().items() if not is_deletable(kind)]
        if left:
            return f"The local cloud does not model the deletion of [{', '.join(left)}]."
        try:
            self.resource_map.delete()
        except ResourceFailed as why:
            self.tell(why.logical_id, why.kind, "DELETE_FAILED", why.reason)
            return f"The following resource(s) failed to delete: [{why.logical_id}]. "
        finally:
            self.resource_map.forget_the_rest()
        return None

    def _becomes(self, status: str, reason: str | None = None) -> None:
        self.status, self.stack_status_reason = status, reason
        self._add_stack_event(status, resource_status_reason=reason)


class LocalCloudFormationBackend(CloudFormationBackend):
    """CloudFormation of one account and region."""

    stacks: dict[str, LocalStack]  # type: ignore[assignment]  # moto makes what `models.Stack` names

    def create_stack(self, name: str, *args: Any, **kwargs: Any) -> LocalStack:
        """A stack; one of whose resources one was refused is CREATE_FAILED and yet to be rolled back."""
        _acting_for(kwargs.get("role_arn"), self.region_name)
        before, whole = set(self.stacks), False
        try:
            super().create_stack(name, *args, **kwargs)
            whole = True
        except ResourceFailed as why:
            self.stacks[next(iter(set(self.stacks) - before))].fail(why)
            whole = True
        finally:
            if not whole:
                self._leave_nothing(set(self.stacks) - before)
        return self.stacks[next(iter(set(self.stacks) - before))]

    def _leave_nothing(self, stacks: set[str]) -> None:
        """Of stacks that could neither be made nor fail as AWS's do."""
        for stack in [self.stacks.pop(stack_id) for stack_id in stacks]:
            stack.clear_away()

    def create_change_set(self, *args: Any, **kwargs: Any) -> tuple[str, str]:
        """Moto's, for a template whose every type can be judged."""
        check_types(read_template(kwargs["template"]))
        return super().create_change_set(*args, **kwargs)

    def change_set(self, name: str, stack: str | None) -> ChangeSet:
        """By its ARN, or by its name, which is one of a stack; ChangeSetNotFound where there is none."""
        for one in self.change_sets.values():
            of_stack = stack in (one.stack_name, one.stack_id)
            if name == one.change_set_id or (name == one.change_set_name and of_stack):
                return one
        raise Refusal("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        """Moto's; where a resource is refused nothing of the change is left."""
        change_set = self.change_set(change_set_name, stack_name)
        stack = self.stacks[change_set.stack_id]
        stack.role_arn = change_set.role_arn or stack.role_arn
        try:
            super().execute_change_set(change_set.change_set_id, stack_name)
        except ResourceFailed as why:
            change_set.execution_status = "EXECUTE_FAILED"
            if change_set.change_set_type == "CREATE":
                stack.fail(why)
                stack.roll_back()
            else:
                stack.rolled_back(why, "UPDATE")

    def delete_stack(self, name_or_stack_id: str) -> None:
        """Moto's; a protected stack, or one whose resources cannot all be deleted, stays."""
        for stack in [one for one in self.stacks.values() if name_or_stack_id in (one.name, one.stack_id)]:
            if stack.enable_termination_protection:
                told = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                raise ValidationError(message=told)
            exported = [export.name for export in stack.exports]
            stack.delete()
            if stack.status == "DELETE_COMPLETE":
                self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
                for gone in [id_ for id_, one in self.change_sets.items() if one.stack_id == stack.stack_id]:
                    del self.change_sets[gone]
                for name in exported:
                    self.exports.pop(name, None)

    def create_stack_instances(self, *_: Any, **__: Any) -> NoReturn:
        """Not modelled: moto would make them in nobody's name, and in the accounts of an organisation of its own."""
        raise NotImplementedError("the stacks of a stack set")

    update_stack_instances = create_stack_instances


setattr(motos, "Stack", LocalStack)  # noqa: B010 - moto offers no other way in
cloudformation_backends.backend = LocalCloudFormationBackend

__all__ = ["DELETE", "DO_NOTHING", "ROLLBACK", "LocalCloudFormationBackend", "cloudformation_backends"]
