"""Templates of conformance packs."""

import json

import pytest

from infra.local.config.template import BadTemplate, read_template

TEMPLATE = """
Parameters:
  maxAge: {Type: String, Default: '90'}
  topic: {Type: String, Default: ''}
Conditions:
  hasTopic:
    Fn::Not: [{Fn::Equals: ['', {Ref: topic}]}]
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: access-keys-rotated
      InputParameters:
        maxAccessKeyAge: {Ref: maxAge}
        topic: {Fn::If: [hasTopic, {Ref: topic}, {Ref: AWS::NoValue}]}
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
"""


def test_parameters_have_defaults_and_can_be_given() -> None:
    (default,) = read_template(TEMPLATE, {})
    (given,) = read_template(TEMPLATE, {"maxAge": "30", "topic": "x"})

    assert json.loads(default["InputParameters"]) == {"maxAccessKeyAge": "90"}
    assert json.loads(given["InputParameters"]) == {"maxAccessKeyAge": "30", "topic": "x"}


def test_a_rule_is_named_after_its_resource_unless_it_has_a_name() -> None:
    unnamed = TEMPLATE.replace("      ConfigRuleName: access-keys-rotated\n", "")

    assert read_template(TEMPLATE, {})[0]["ConfigRuleName"] == "access-keys-rotated"
    assert read_template(unnamed, {})[0]["ConfigRuleName"] == "Keys"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("a: [", "neither JSON nor YAML"),
        ("[]", "not a structure"),
        ("{}", "no resources"),
        ("Resources: {a: {Type: 'AWS::S3::Bucket'}}", "no AWS::Config::ConfigRule"),
        ("Resources: {a: {Type: 'AWS::Config::ConfigRule'}}", "no source"),
        ("Resources: {a: {Type: 'AWS::Config::ConfigRule', Properties: {Source: {Ref: x}}}}", "no parameter"),
        (TEMPLATE.replace("hasTopic:", "other:"), "no condition hasTopic"),
    ],
)
def test_what_is_no_template_says_why(body: str, why: str) -> None:
    with pytest.raises(BadTemplate, match=why):
        read_template(body, {})
