"""CloudFormation's API: moto's, with capabilities, what is to happen on failure, and the role that deletes."""

from typing import Any

from moto.cloudformation.models import ChangeSet
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from infra.local.cloudformation.models import DELETE, DO_NOTHING, ROLLBACK, LocalCloudFormationBackend
from infra.local.cloudformation.template import capability_of, read_template
from infra.local.service import Refusal


class LocalCloudFormationResponse(CloudFormationResponse):
    """One call to CloudFormation."""

    def create_stack(self) -> ActionResult:
        """A stack, made at once; one that fails is rolled back, left or deleted as the caller wants."""
        self._check_capabilities()
        on_failure = self._on_failure()
        answer = super().create_stack()
        made: Any = answer.result
        stack = self._backend.stacks[made["StackId"]]
        if stack.status == "CREATE_FAILED" and on_failure == DELETE:
            self._backend.delete_stack(stack.stack_id)
        elif stack.status == "CREATE_FAILED" and on_failure == ROLLBACK:
            stack.roll_back()
        return answer

    def create_change_set(self) -> ActionResult:
        """Moto's, with the capabilities that the template needs."""
        self._check_capabilities()
        return super().create_change_set()

    def describe_change_set(self) -> ActionResult:
        """The change set of that name of that stack: moto takes the last of the name, whose ever it is."""
        return ActionResult(self._change_set())

    def delete_change_set(self) -> ActionResult:
        """Likewise."""
        self._backend.change_sets.pop(self._change_set().change_set_id)
        return EmptyResult()

    def _change_set(self) -> ChangeSet:
        return self._backend.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))

    def update_stack(self) -> ActionResult:
        """Moto's, with the capabilities that the template needs."""
        self._check_capabilities()
        return super().update_stack()

    def delete_stack(self) -> ActionResult:
        """As the role that is given, else as ever."""
        if role := self._get_param("RoleARN"):
            for stack in self._backend.stacks.values():
                if self._get_param("StackName") in (stack.name, stack.stack_id):
                    stack.role_arn = role
        return super().delete_stack()

    @property
    def _backend(self) -> LocalCloudFormationBackend:
        found = self.cloudformation_backend
        assert isinstance(found, LocalCloudFormationBackend)
        return found

    def _on_failure(self) -> str:
        wanted = self._get_param("OnFailure")
        if wanted and self._get_param("DisableRollback") is not None:
            raise Refusal("ValidationError", "Either OnFailure or DisableRollback may be given, not both.")
        return str(wanted or (DO_NOTHING if self._get_param("DisableRollback") else ROLLBACK))

    def _check_capabilities(self) -> None:
        body = self._get_param("TemplateBody")
        if not body and (url := self._get_param("TemplateURL")):
            body = self._get_stack_from_s3_url(url)
        needed = capability_of(read_template(body)) if body else None
        given = self._get_param("Capabilities") or []
        if needed and needed not in given and "CAPABILITY_NAMED_IAM" not in given:
            raise Refusal("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
