"""The templates as moto can take them: without the types that it does not know, and what refers to those filled in."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.cloudformation.parsing import get_model_map

UNKNOWN: Sequence[str] = (
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::Stage",
    "AWS::Athena::WorkGroup",
    "AWS::CloudFormation::StackSet",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolIdentityProvider",
    "AWS::Config::ConfigurationAggregator",
    "AWS::Events::EventBusPolicy",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
    "Custom::FreeholdSettings",
)
"""Types of our templates that moto 5.2 does not make. cfn-lint holds them against AWS's own schemas."""
MISREAD: Mapping[str, Sequence[str]] = {"AWS::KMS::Key": ("Tags",)}
"""Properties that moto makes something else of."""


def taken(kind: str) -> bool:
    """Whether moto makes such a resource."""
    return kind in get_model_map()


def trimmed(body: Mapping[str, Any]) -> dict[str, Any]:
    """A template whose every resource moto makes."""
    kept = {name: each for name, each in body["Resources"].items() if taken(each["Type"])}
    gone = set(body["Resources"]) - set(kept)
    resources = {name: _of(each, gone) for name, each in kept.items()}
    outputs = {
        name: _filled(each, gone) for name, each in body.get("Outputs", {}).items() if not _names(each["Value"]) & gone
    }
    return {"Resources": resources, "Outputs": outputs, "Parameters": body.get("Parameters", {})}


def _of(resource: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    properties = _filled(resource.get("Properties", {}), gone)
    for name in MISREAD.get(resource["Type"], ()):
        properties.pop(name, None)
    depends = [name for name in _listed(resource.get("DependsOn", [])) if name not in gone]
    return {"Type": resource["Type"], "Properties": properties, **({"DependsOn": depends} if depends else {})}


def _filled(value: Any, gone: set[str]) -> Any:
    """With a name in the place of every reference to what is not made."""
    if isinstance(value, list):
        return [_filled(one, gone) for one in value]
    if not isinstance(value, dict):
        return value
    if _names(value, deep=False) & gone:
        return f"unmade-{min(_names(value, deep=False))}".lower()
    return {name: _filled(one, gone) for name, one in value.items()}


def _names(value: Any, *, deep: bool = True) -> set[str]:
    """What a value refers to."""
    if isinstance(value, list):
        return {name for one in value for name in _names(one)} if deep else set()
    if not isinstance(value, dict):
        return set()
    if set(value) == {"Ref"}:
        return {value["Ref"]}
    if set(value) == {"Fn::GetAtt"}:
        return {value["Fn::GetAtt"][0]}
    return {name for one in value.values() for name in _names(one)} if deep else set()


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
