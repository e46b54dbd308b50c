from typing import Any

from tests.infra.stacks.conftest import Synthesised, Template
from vending.login.callback import ADDRESSES

CLIENT = "AWS::Cognito::UserPoolClient"


def test_the_portal_is_reached_by_its_own_name_behind_a_firewall_alone(synthesised: Synthesised) -> None:
    portal = synthesised["Portal"]
    api, domain = portal.one("AWS::ApiGateway::RestApi"), portal.one("AWS::ApiGateway::DomainName")

    assert api["DisableExecuteApiEndpoint"] is True
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("accounts.acme.example", "TLS_1_2")
    assert portal.one("AWS::WAFv2::WebACLAssociation")["WebACLArn"]
    assert portal.one("AWS::WAFv2::WebACL")["Scope"] == "REGIONAL"


def test_people_come_from_identity_center_and_cannot_change_their_own_groups(synthesised: Synthesised) -> None:
    portal = synthesised["Portal"]
    provider, clients = portal.one("AWS::Cognito::UserPoolIdentityProvider"), _clients(portal)

    assert provider["ProviderType"] == "SAML"
    assert provider["AttributeMapping"]["custom:groups"] == "groups"
    assert sorted(clients) == ["freehold-cli", "freehold-portal"]
    for client in clients.values():
        assert client["SupportedIdentityProviders"] == [provider["ProviderName"]]
        assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
        assert client["AllowedOAuthFlows"] == ["code"]
        assert client["GenerateSecret"] is False


def test_browsers_are_sent_back_to_the_portal_and_to_where_the_command_line_listens(synthesised: Synthesised) -> None:
    clients = _clients(synthesised["Portal"])

    assert clients["freehold-portal"]["CallbackURLs"] == ["https://accounts.acme.example/auth/callback"]
    assert clients["freehold-cli"]["CallbackURLs"] == list(ADDRESSES)


def test_tokens_are_made_with_the_names_of_groups_and_only_the_pool_may_ask_for_them(synthesised: Synthesised) -> None:
    portal = synthesised["Portal"]
    [pool] = portal.of("AWS::Cognito::UserPool")
    trigger = portal.one("AWS::Cognito::UserPool")["LambdaConfig"]["PreTokenGenerationConfig"]
    permissions = [one["Properties"] for one in portal.of("AWS::Lambda::Permission").values()]

    [asking] = [one for one in permissions if one["Principal"] == "cognito-idp.amazonaws.com"]
    assert trigger["LambdaVersion"] == "V2_0"
    assert asking["FunctionName"] == trigger["LambdaArn"]
    assert asking["SourceArn"] == {"Fn::GetAtt": [pool, "Arn"]}


def test_the_portal_knows_its_issuer_and_what_it_is_called_there(synthesised: Synthesised) -> None:
    told = synthesised["Portal"].function("portal")["Environment"]["Variables"]
    named = {one["Properties"]["ClientName"]: id_ for id_, one in synthesised["Portal"].of(CLIENT).items()}

    assert told["FREEHOLD_PORTAL_CLIENT"] == {"Ref": named["freehold-portal"]}
    assert told["FREEHOLD_CLI_CLIENT"] == {"Ref": named["freehold-cli"]}
    assert "cognito-idp.eu-west-1.amazonaws.com/" in str(told["FREEHOLD_ISSUER"])


def _clients(portal: Template) -> dict[str, dict[str, Any]]:
    """The properties of the pool's clients by their names."""
    return {one["Properties"]["ClientName"]: one["Properties"] for one in portal.of(CLIENT).values()}
