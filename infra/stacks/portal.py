"""The portal stack: the portal's function behind its door, and the user pool that lets people of Identity Center in.

The portal serves its own styles and pictures, by addresses that change with their content: a browser asks once. That
spares a bucket, the upload to it, and a second thing that has to be of the same version.

**What stays when the stack is deleted.** The logs, the secret, and the user pool, which is protected; nothing in the
pool is worth keeping, it only remembers who came.

**What could not be checked without an account.** That Identity Center hands groups over by id, several in one
attribute in brackets (its user guide, "Attribute mappings for your application" and Cognito's "SAML attributes").
"""

from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.web import Web
from vending.login.callback import ADDRESSES

GATEWAY_SECONDS = 29
"""API Gateway waits no longer for an answer."""
CLI_HOURS = 12
"""How long somebody stays signed in at the command line: a working day."""
PROVIDER = "IdentityCenter"
ATTRIBUTES = {
    "email": "email",
    "name": "name",
    "preferred_username": "preferred_username",
    "custom:groups": "groups",
}
"""The pool's attribute -> the SAML attribute that the application in Identity Center sends."""


class PortalStack(FreeholdStack):
    """Shows and takes requests: pages, the API, and signing in."""

    def __init__(self, scope: Construct, ground: Ground, key: kms.IKey) -> None:
        super().__init__(scope, "Portal", ground, "the portal and the API")
        self._key = key
        self.secret = self._secret()
        self.groups: ProductFunction | None = None
        self.pool: cognito.CfnUserPool | None = None
        environment = {"FREEHOLD_SESSION_SECRET": self.secret.ref, **self._issuer()}
        shape = Shape(
            memory_mib=2048, timeout=Duration.seconds(GATEWAY_SECONDS), storage_mib=2048, environment=environment
        )
        self.portal = ProductFunction(self, "portal", shape, key=key, encrypted=("dynamodb", "s3", "secretsmanager"))
        self.web = Web(
            self, door=ground.deployment.portal, prefix=self.names.prefix, key=key, portal=self.portal.function
        )
        self._tell()

    @property
    def functions(self) -> tuple[ProductFunction, ...]:
        """Every function of the stack."""
        return (self.portal, *((self.groups,) if self.groups else ()))

    def _secret(self) -> secretsmanager.CfnSecret:
        drawn = secretsmanager.CfnSecret.GenerateSecretStringProperty(password_length=64, exclude_punctuation=True)
        secret = secretsmanager.CfnSecret(
            self,
            "SessionKey",
            name=self.names.session_key,
            description="Signs the portal's session cookies",
            generate_secret_string=drawn,
            kms_key_id=self._key.key_arn,
        )
        secret.apply_removal_policy(RemovalPolicy.RETAIN)
        return secret

    def _issuer(self) -> dict[str, str]:
        """Who signs people in, and what the portal is called there."""
        identity, metadata = self.ground.company.identity, self.ground.deployment.portal.saml_metadata
        if metadata is None:
            return {"FREEHOLD_ISSUER": str(identity.issuer)}
        self.pool = pool = self._pool(self._groups())
        provider = self._provider(pool, metadata)
        home = f"https://{self.ground.deployment.portal.domain}"
        portal = self._client(provider, "portal", callback_ur_ls=[f"{home}/auth/callback"], logout_ur_ls=[f"{home}/"])
        hours = cognito.CfnUserPoolClient.TokenValidityUnitsProperty(refresh_token="hours")  # noqa: S106 - a unit
        cli = self._client(
            provider,
            "cli",
            callback_ur_ls=list(ADDRESSES),
            refresh_token_validity=CLI_HOURS,
            token_validity_units=hours,
        )
        issuer = f"https://cognito-idp.{self.names.region}.amazonaws.com/{pool.ref}"
        return {"FREEHOLD_ISSUER": issuer, "FREEHOLD_PORTAL_CLIENT": portal.ref, "FREEHOLD_CLI_CLIENT": cli.ref}

    def _groups(self) -> lambda_.IFunction:
        """Tells the names of groups, which Identity Center hands over by id. Cognito waits five seconds for it."""
        shape = Shape(memory_mib=512, timeout=Duration.seconds(5))
        self.groups = ProductFunction(self, "groups", shape, key=self._key, encrypted=())
        return self.groups.function

    def _pool(self, groups: lambda_.IFunction) -> cognito.CfnUserPool:
        """Essentials is the cheapest plan in which a trigger may change access tokens."""
        trigger = cognito.CfnUserPool.PreTokenGenerationConfigProperty(
            lambda_arn=groups.function_arn, lambda_version="V2_0"
        )
        alone = cognito.CfnUserPool.AdminCreateUserConfigProperty(allow_admin_create_user_only=True)
        listed = cognito.CfnUserPool.SchemaAttributeProperty(
            name="groups",
            attribute_data_type="String",
            mutable=True,
            string_attribute_constraints=cognito.CfnUserPool.StringAttributeConstraintsProperty(max_length="2048"),
        )
        pool = cognito.CfnUserPool(
            self,
            "People",
            user_pool_name=self.names.prefix,
            user_pool_tier="ESSENTIALS",
            deletion_protection="ACTIVE",
            admin_create_user_config=alone,
            schema=[listed],
            lambda_config=cognito.CfnUserPool.LambdaConfigProperty(pre_token_generation_config=trigger),
            policies=cognito.CfnUserPool.PoliciesProperty(password_policy=_passwords()),
        )
        pool.apply_removal_policy(RemovalPolicy.RETAIN)
        groups.add_permission(
            "Cognito", principal=iam.ServicePrincipal("cognito-idp.amazonaws.com"), source_arn=pool.attr_arn
        )
        return pool

    def _provider(self, pool: cognito.CfnUserPool, metadata: str) -> cognito.CfnUserPoolIdentityProvider:
        """Where people come from, and the host at which they sign in."""
        cognito.CfnUserPoolDomain(
            self, "SignIn", domain=f"{self.names.prefix}-{self.names.account}", user_pool_id=pool.ref
        )
        return cognito.CfnUserPoolIdentityProvider(
            self,
            "IdentityCenter",
            user_pool_id=pool.ref,
            provider_name=PROVIDER,
            provider_type="SAML",
            provider_details={"MetadataURL": metadata, "IDPSignout": "false"},
            attribute_mapping=ATTRIBUTES,
        )

    def _client(
        self, provider: cognito.CfnUserPoolIdentityProvider, name: str, **options: Any
    ) -> cognito.CfnUserPoolClient:
        """A public client with PKCE. No scope lets people change their own attributes, so groups stay what they are."""
        client = cognito.CfnUserPoolClient(
            self,
            f"{name.title()}Client",
            client_name=f"{self.names.prefix}-{name}",
            user_pool_id=provider.user_pool_id,
            supported_identity_providers=[PROVIDER],
            allowed_o_auth_flows_user_pool_client=True,
            allowed_o_auth_flows=["code"],
            allowed_o_auth_scopes=["openid", "email", "profile"],
            generate_secret=False,
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            **options,
        )
        client.add_resource_dependency(provider)
        return client

    def _tell(self) -> None:
        domain = self.web.api.domain_name
        assert domain is not None, "the portal has its own host name"
        name = self.ground.deployment.portal.domain
        target = domain.domain_name_alias_domain_name
        CfnOutput(self, "PortalTarget", description=f"Where {name} has to point", value=target)
        if self.groups:
            host = f"{self.names.prefix}-{self.names.account}.auth.{self.names.region}.amazoncognito.com"
            reply = f"https://{host}/saml2/idpresponse"
            CfnOutput(self, "SamlReply", description="The application's ACS address in Identity Center", value=reply)
        if self.pool is not None:
            audience = f"urn:amazon:cognito:sp:{self.pool.ref}"
            CfnOutput(self, "SamlAudience", description="Its SAML audience there", value=audience)


def _passwords() -> cognito.CfnUserPool.PasswordPolicyProperty:
    """Nobody has one: people come from Identity Center. AWS fills in a weak policy where there is none."""
    return cognito.CfnUserPool.PasswordPolicyProperty(
        minimum_length=20,
        require_lowercase=True,
        require_numbers=True,
        require_symbols=True,
        require_uppercase=True,
    )
