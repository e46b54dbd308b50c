"""EC2's API where moto lacks it: the settings of an account in a region, and what they refuse and bring along."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from infra.local.cloud import current
from infra.local.ec2.settings import NO_PREFERENCE, Declared, Settings

METADATA_PATHS = {
    "HttpTokens": "http_tokens",
    "HttpPutResponseHopLimit": "http_put_response_hop_limit",
    "HttpEndpoint": "http_endpoint",
    "InstanceMetadataTags": "instance_metadata_tags",
    "HttpTokensEnforced": "http_tokens_enforced",
}
MOST_INSTANCES = 1000
"""In one call. AWS counts vCPUs, by family of instances and account; what those are is not modelled. A thousand is more
than any new account may start: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html"""
SNAPSHOT_STATES = ("block-all-sharing", "block-new-sharing")


class LocalEC2Response(EC2Response):
    """One call to EC2."""

    @property
    def settings(self) -> Settings:
        """The account's choices in this region."""
        found: Settings = self.ec2_backend.settings
        return found

    @property
    def declared(self) -> Declared:
        """What a declarative policy says for the account."""
        return Declared.of(self.current_account)

    def get_instance_metadata_defaults(self) -> ActionResult:
        """What new instances get unless their launch says otherwise."""
        self.error_on_dryrun()
        managed = self.declared.managed_by("instance_metadata_defaults")
        return ActionResult({"AccountLevel": {**self._metadata(), "ManagedBy": managed.value}})

    def modify_instance_metadata_defaults(self) -> ActionResult:
        """Change what is given; `no-preference`, and -1 for the hop limit, leave it to AMI and launch."""
        self.error_on_dryrun()
        self.declared.leave_to_account("instance_metadata_defaults")
        for name in METADATA_PATHS:
            value = self._get_param(name)
            if value in (NO_PREFERENCE, -1):
                self.settings.metadata.pop(name, None)
            elif value is not None:
                self.settings.metadata[name] = _hops(value) if name == "HttpPutResponseHopLimit" else value
        return ActionResult({"Return": True})

    def get_snapshot_block_public_access_state(self) -> ActionResult:
        """Whether snapshots can be shared with everybody."""
        self.error_on_dryrun()
        managed = self.declared.managed_by("snapshot_block_public_access")
        return ActionResult({"State": self._snapshots(), "ManagedBy": managed.value})

    def enable_snapshot_block_public_access(self) -> ActionResult:
        """Block all sharing with everybody, or only new sharing."""
        self.error_on_dryrun()
        self.declared.leave_to_account("snapshot_block_public_access")
        state = self._get_param("State")
        if state not in SNAPSHOT_STATES:
            raise EC2ClientError("InvalidParameterValue", f"Value ({state}) for parameter State is invalid.")
        self.settings.snapshots = state
        return ActionResult({"State": state})

    def disable_snapshot_block_public_access(self) -> ActionResult:
        """Let snapshots be shared with everybody."""
        self.error_on_dryrun()
        self.declared.leave_to_account("snapshot_block_public_access")
        self.settings.snapshots = "unblocked"
        return ActionResult({"State": self.settings.snapshots})

    def get_image_block_public_access_state(self) -> ActionResult:
        """Whether images can be shared with everybody."""
        self.error_on_dryrun()
        managed = self.declared.managed_by("image_block_public_access")
        return ActionResult({"ImageBlockPublicAccessState": self._images(), "ManagedBy": managed.value})

    def enable_image_block_public_access(self) -> ActionResult:
        """Let no more images be shared with everybody. AWS needs up to ten minutes for it; here it holds at once."""
        self.error_on_dryrun()
        self.declared.leave_to_account("image_block_public_access")
        self.settings.images = "block-new-sharing"
        return ActionResult({"ImageBlockPublicAccessState": self.settings.images})

    def disable_image_block_public_access(self) -> ActionResult:
        """Let images be shared with everybody."""
        self.error_on_dryrun()
        self.declared.leave_to_account("image_block_public_access")
        self.settings.images = "unblocked"
        return ActionResult({"ImageBlockPublicAccessState": self.settings.images})

    def get_serial_console_access_status(self) -> ActionResult:
        """Whether anybody can use the serial console of an instance."""
        self.error_on_dryrun()
        declared = self.declared.value("serial_console_access", "status")
        enabled = self.settings.serial_console if declared is None else declared == "enabled"
        managed = self.declared.managed_by("serial_console_access")
        return ActionResult({"SerialConsoleAccessEnabled": enabled, "ManagedBy": managed.value})

    def enable_serial_console_access(self) -> ActionResult:
        """Allow the serial console."""
        return self._set_serial_console(enabled=True)

    def disable_serial_console_access(self) -> ActionResult:
        """Forbid the serial console."""
        return self._set_serial_console(enabled=False)

    def get_allowed_images_settings(self) -> ActionResult:
        """Whether only images that fit the criteria can be launched; criteria are not modelled."""
        self.error_on_dryrun()
        state = self.declared.value("allowed_images_settings", "state") or self.settings.allowed_images
        managed = self.declared.managed_by("allowed_images_settings")
        return ActionResult({"State": state, "ManagedBy": managed.value})

    def describe_vpc_block_public_access_options(self) -> ActionResult:
        """What internet gateways of the account's VPCs may do."""
        self.error_on_dryrun()
        return ActionResult({"VpcBlockPublicAccessOptions": self._internet_gateways()})

    def modify_vpc_block_public_access_options(self) -> ActionResult:
        """Change what internet gateways may do."""
        self.error_on_dryrun()
        self.declared.leave_to_account("vpc_block_public_access")
        self.settings.internet_gateways = self._get_param("InternetGatewayBlockMode")
        return ActionResult({"VpcBlockPublicAccessOptions": self._internet_gateways()})

    def modify_snapshot_attribute(self) -> ActionResult:
        """Share a snapshot, but not with everybody where that is blocked."""
        opens = self._get_param("OperationType") == "add" and "all" in self._get_param("GroupNames", [])
        added = self._get_param("CreateVolumePermission", {}).get("Add", [])
        if self._snapshots() != "unblocked" and (opens or any(one.get("Group") == "all" for one in added)):
            raise _not_permitted("snapshot")
        return super().modify_snapshot_attribute()

    def modify_image_attribute(self) -> ActionResult:
        """Share an image, but not with everybody where that is blocked."""
        opens = self._get_param("OperationType") == "add" and "all" in self._get_param("UserGroups", [])
        added = self._get_param("LaunchPermission", {}).get("Add", [])
        if self._images() != "unblocked" and (opens or any(one.get("Group") == "all" for one in added)):
            raise _not_permitted("AMI")
        return super().modify_image_attribute()

    def run_instances(self) -> ActionResult:
        """Instances with the account's metadata defaults where the launch does not say otherwise."""
        _check_count(int(self.params.get("MinCount") or 1), int(self.params.get("MaxCount") or 1))
        defaults = {name: value for name, value in self._metadata().items() if name != "HttpTokensEnforced"}
        self.params["MetadataOptions"] = {**defaults, **(self.params.get("MetadataOptions") or {})}
        return super().run_instances()

    def _metadata(self) -> dict[str, Any]:
        declared = {
            name: self.declared.value("instance_metadata_defaults", path) for name, path in METADATA_PATHS.items()
        }
        given = {name: value for name, value in declared.items() if value not in (None, NO_PREFERENCE, "-1")}
        if "HttpPutResponseHopLimit" in given:
            given["HttpPutResponseHopLimit"] = str(int(str(given["HttpPutResponseHopLimit"])))
        return {**self.settings.metadata, **given}

    def _snapshots(self) -> str:
        return self.declared.value("snapshot_block_public_access", "state") or self.settings.snapshots

    def _images(self) -> str:
        return self.declared.value("image_block_public_access", "state") or self.settings.images

    def _set_serial_console(self, *, enabled: bool) -> ActionResult:
        self.error_on_dryrun()
        self.declared.leave_to_account("serial_console_access")
        self.settings.serial_console = enabled
        return ActionResult({"SerialConsoleAccessEnabled": enabled})

    def _internet_gateways(self) -> dict[str, Any]:
        declared = self.declared.value("vpc_block_public_access", "internet_gateway_block", "mode")
        exclusions = self.declared.value("vpc_block_public_access", "internet_gateway_block", "exclusions_allowed")
        mode = declared or self.settings.internet_gateways
        return {
            "AwsAccountId": self.current_account,
            "AwsRegion": self.region,
            "State": "default-state" if mode == "off" else "update-complete",
            "InternetGatewayBlockMode": mode,
            "LastUpdateTimestamp": current().clock.now(),
            "ManagedBy": self.declared.managed_by("vpc_block_public_access").value,
            "ExclusionsAllowed": "not-allowed" if exclusions == "disabled" else "allowed",
        }


def _hops(value: int) -> int:
    """A hop limit of 1 to 64."""
    if not 1 <= value <= 64:
        raise EC2ClientError(
            "InvalidParameterValue", f"Value ({value}) for parameter HttpPutResponseHopLimit is invalid."
        )
    return value


def _not_permitted(what: str) -> EC2ClientError:
    return EC2ClientError(
        "OperationNotPermitted", f"You can't publicly share this {what}. Block public access is enabled in this Region."
    )


def _check_count(least: int, most: int) -> None:
    if not 1 <= least <= most:
        raise EC2ClientError("InvalidParameterValue", f"Value ({least}) for parameter minCount is invalid.")
    if most > MOST_INSTANCES:
        raise EC2ClientError(
            "VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket that "
            "the specified instance type belongs to.",
        )
