"""The languages of the management and declarative policy types, as their syntax pages say, read 2026-11-25:

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html,
orgs_manage_policies_backup_syntax.html, orgs_manage_policies_ai-opt-out_syntax.html,
orgs_manage_policies_chatbot_syntax.html, orgs_manage_policies_declarative_syntax.html and
orgs_manage_policies_s3_syntax.html. Names are asked for as the pages write them; AWS takes some in other letters too.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from infra.local.organizations.grammar import (
    Kept,
    Part,
    Section,
    Setting,
    Values,
    any_text,
    malformed,
    one_of,
    some_of,
)

NO_WILDCARD = frozenset({"ecs"})
"""Services of which AWS takes `<service>:ALL_SUPPORTED`, and not the older `<service>:*`."""

AI_SERVICES = frozenset(
    {
        *("aidevops", "aiops", "awssupplychain", "chimesdkvoiceanalytics", "cloudwatch", "codeguruprofiler"),
        *("codewhisperer", "comprehend", "connectamd", "connecthealth::operations", "connecthealth::training"),
        *("connectoptimization", "contactlens", "default", "frauddetector", "guardduty", "lex", "polly", "q"),
        *("rekognition", "textract", "transcribe", "translate"),
        *("datazone", "dms", "entityresolution", "glue", "quicksightq", "securitylake", "transform"),
    }
)
"""Those of the last line are supported; how the policy spells them could not be read."""


def check_tags(document: Mapping[str, Any]) -> None:
    """What the grammar of tag policies cannot say: a key is written one way, and stands once in whatever letters."""
    names = document["tags"].keys() - {"@@operators_allowed_for_child_policies"}
    if len({name.lower() for name in names}) != len(names):
        raise malformed("tags has one key twice, in different letters.")
    for name in names:
        written = document["tags"][name].get("tag_key", {}).get("@@assign", name)
        if str(written).lower() != name.lower():
            raise malformed(f"tags.{name}.tag_key is {name} in whatever letters, not {written}.")


@cache
def enforceable() -> frozenset[str]:
    """What `enforced_for` may name, in lower case."""
    read = tomllib.loads(files(__package__).joinpath("tag_enforcement.toml").read_text("utf-8"))
    services: dict[str, str] = read["services"]
    named = {f"{service}:{kind}" for service, kinds in services.items() for kind in kinds.split()}
    whole = {
        f"{service}:*" for service, kinds in services.items() if "ALL_SUPPORTED" in kinds and service not in NO_WILDCARD
    }
    return frozenset(name.lower() for name in named | whole)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _number(least: int, most: int) -> Setting:
    digits = _matches(r"-?\d{1,9}")
    return Setting(lambda text: digits(text) and least <= int(text) <= most, f"a whole number from {least} to {most}")


_ON_OFF = one_of("enabled", "disabled")
_METADATA = one_of("enabled", "disabled", "no_preference")
_TAG_KEY = Setting(_matches(r"[\w .:/=+\-@]{1,128}"), "a tag's key of 1 to 128 letters")
_REGIONS = Values(_matches(r"[a-z]{2,4}(-[a-z]+)+-\d"), "of Regions")
_ROLE = Setting(_matches(r"arn:aws[\w-]*:iam::(\$account|\d{12}):role/.+"), "the ARN of a role")
_VAULT = Setting(_matches(r"arn:aws[\w-]*:backup:[\w-]+:(\$account|\d{12}):backup-vault:.+"), "the ARN of a vault")

_TAGS = Section(
    other=Section(
        {
            "tag_key": _TAG_KEY,
            "tag_value": Values(lambda text: text.count("*") <= 1, "of values with one * at most"),
            "enforced_for": Values(lambda text: text.lower() in enforceable(), "of types that support enforcement"),
            "report_required_tag_for": Values(_matches(r"[\w-]+:[\w/:-]+"), "of types, such as ec2:instance"),
        }
    )
)

_DAYS = _number(-1, 36_500)
_LIFECYCLE = Section(
    {
        "move_to_cold_storage_after_days": _DAYS,
        "delete_after_days": _DAYS,
        "to_delete_after_days": _DAYS,
        "opt_in_to_archive_for_supported_resources": one_of("true", "false"),
    }
)
_A_TAG = Section(other=Section({"tag_key": _TAG_KEY, "tag_value": any_text()}))
_COPIES = Section(other=Section({"target_backup_vault_arn": _VAULT, "lifecycle": _LIFECYCLE}))
_BACKUP_RULE = Section(
    {
        "schedule_expression": Setting(_matches(r"cron\(.+\)"), "a schedule, cron(…)"),
        "schedule_expression_timezone": any_text(),
        "start_backup_window_minutes": _number(60, 525_600),
        "complete_backup_window_minutes": _number(60, 999_999_999),
        "enable_continuous_backup": one_of("true", "false"),
        "target_backup_vault_name": Setting(_matches(r"[a-zA-Z0-9_-]{2,50}"), "the name of a vault"),
        "target_logically_air_gapped_backup_vault_arn": _VAULT,
        "lifecycle": _LIFECYCLE,
        "copy_actions": _COPIES,
        "recovery_point_tags": _A_TAG,
        "index_actions": Section({"resource_types": some_of("EBS", "S3")}),
        "scan_actions": Kept(),
    }
)
_SELECTED_BY_TAG = Section({"iam_role_arn": _ROLE, "tag_key": _TAG_KEY, "tag_value": Values(bool, "of values")})
_SELECTED_BY_TYPE = Section(
    {
        "iam_role_arn": _ROLE,
        "resource_types": Values(bool, "of resource types"),
        "not_resource_types": Values(bool, "of resource types"),
        "conditions": Kept(),
    }
)
_PLANS = Section(
    other=Section(
        {
            "regions": _REGIONS,
            "rules": Section(other=_BACKUP_RULE),
            "selections": Section(
                {"tags": Section(other=_SELECTED_BY_TAG), "resources": Section(other=_SELECTED_BY_TYPE)}
            ),
            "advanced_backup_settings": Section({"ec2": Section({"windows_vss": _ON_OFF, "WindowsVSS": _ON_OFF})}),
            "backup_plan_tags": _A_TAG,
            "scan_settings": Kept(),
        }
    )
)

_AI = Section(
    other=Section({"opt_out_policy": one_of("optOut", "optIn")}),
    allows=AI_SERVICES.__contains__,
    says="an AI service",
)

_ROLES = some_of("user_role", "channel_role")
_SLACK = Section({"supported_channel_types": some_of("public", "private"), "supported_role_settings": _ROLES})
_TEAMS = Section({"supported_role_settings": _ROLES})
_UUID = _matches(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORKSPACE = _matches(r"[0-9A-Z]{1,255}")
_CHAT = Section(
    {
        "default": Section({"client": _ON_OFF}),
        "platforms": Section(
            {
                "chime": Section({"client": _ON_OFF}),
                "slack": Section(
                    {
                        "client": _ON_OFF,
                        "workspaces": Values(
                            lambda text: text == "*" or _WORKSPACE(text), "of ids of workspaces, or *"
                        ),
                        "default": _SLACK,
                        "overrides": Section(other=_SLACK, allows=_WORKSPACE, says="a workspace"),
                    }
                ),
                "microsoft_teams": Section(
                    {
                        "client": _ON_OFF,
                        "tenants": Section(
                            other=Values(lambda text: text == "*" or _UUID(text), "of ids of teams, or *"),
                            allows=lambda name: name == "*" or _UUID(name),
                            says="a tenant",
                        ),
                        "default": _TEAMS,
                        "overrides": Section(
                            other=Section(other=_TEAMS, allows=_UUID, says="a team"), allows=_UUID, says="a tenant"
                        ),
                    }
                ),
            }
        ),
    }
)

_PROVIDERS = Values(_matches(r"\d{12}|amazon|aws-marketplace|aws-backup-vault"), "of accounts and amazon's aliases")
_EC2 = Section(
    {
        "exception_message": any_text(),
        "vpc_block_public_access": Section(
            {
                "internet_gateway_block": Section(
                    {"mode": one_of("off", "block_ingress", "block_bidirectional"), "exclusions_allowed": _ON_OFF}
                )
            }
        ),
        "serial_console_access": Section({"status": _ON_OFF}),
        "image_block_public_access": Section({"state": one_of("unblocked", "block_new_sharing")}),
        "snapshot_block_public_access": Section(
            {"state": one_of("unblocked", "block_new_sharing", "block_all_sharing")}
        ),
        "instance_metadata_defaults": Section(
            {
                "http_tokens": one_of("no_preference", "required", "optional"),
                "http_put_response_hop_limit": _number(-1, 64),
                "http_endpoint": _METADATA,
                "instance_metadata_tags": _METADATA,
                "http_tokens_enforced": _METADATA,
            }
        ),
        "allowed_images_settings": Section(
            {
                "state": one_of("enabled", "disabled", "audit_mode"),
                "image_criteria": Section(
                    other=Section({"allowed_image_providers": _PROVIDERS}, other=Kept()),
                    allows=_matches(r"criteria_([1-9]|10)"),
                    says="criteria, criteria_1 to criteria_10",
                ),
            }
        ),
    }
)

LANGUAGES: Mapping[str, tuple[str, Part]] = {
    "AISERVICES_OPT_OUT_POLICY": ("services", _AI),
    "BACKUP_POLICY": ("plans", _PLANS),
    "CHATBOT_POLICY": ("chatbot", _CHAT),
    "DECLARATIVE_POLICY_EC2": ("ec2_attributes", _EC2),
    "S3_POLICY": ("s3_attributes", Section({"public_access_block_configuration": one_of("all", "none")})),
    "TAG_POLICY": ("tags", _TAGS),
}
"""By type: the key its documents start with, and what stands under it. A type that is not here is not modelled."""
