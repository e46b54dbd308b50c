"""The portal's door: a regional REST API on the portal's own host name, behind a firewall."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.stacks.functions import LOG_DAYS
from vending.core.deployment import PortalDoor

STAGE = "live"
EVERYTHING = "*/*"
"""Every body travels as it is: pages, styles, pictures, Parquet."""
MANAGED_RULES = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")
"""The common rule set is left out: it refuses bodies and queries that look like SQL, which the findings' page sends."""


class Web(Construct):
    """Everything between a browser and the portal's function. The application checks who is calling."""

    def __init__(
        self, scope: Construct, *, door: PortalDoor, prefix: str, key: kms.IKey, portal: lambda_.IFunction
    ) -> None:
        super().__init__(scope, "Web")
        self.log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/{prefix}/portal-access",
            encryption_key=key,
            retention=LOG_DAYS,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.api = apigateway.LambdaRestApi(
            self,
            "Api",
            rest_api_name=f"{prefix}-portal",
            description="Freehold's portal and REST API",
            handler=portal,
            proxy=True,
            integration_options=apigateway.LambdaIntegrationOptions(allow_test_invoke=False),
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            binary_media_types=[EVERYTHING],
            disable_execute_api_endpoint=True,
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            domain_name=self._domain(door),
            deploy_options=self._stage(),
        )
        self._wall(prefix, door.requests_per_five_minutes)

    def _domain(self, door: PortalDoor) -> apigateway.DomainNameOptions:
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", door.certificate)
        return apigateway.DomainNameOptions(
            domain_name=door.domain,
            certificate=certificate,
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )

    def _stage(self) -> apigateway.StageOptions:
        return apigateway.StageOptions(
            stage_name=STAGE,
            access_log_destination=apigateway.LogGroupLogDestination(self.log),
            access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
                caller=False,
                http_method=True,
                ip=True,
                protocol=True,
                request_time=True,
                resource_path=True,
                response_length=True,
                status=True,
                user=False,
            ),
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            metrics_enabled=True,
            tracing_enabled=True,
        )

    def _wall(self, prefix: str, limit: int) -> None:
        wall = waf.CfnWebACL(
            self,
            "Wall",
            name=f"{prefix}-portal",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen(f"{prefix}-portal"),
            rules=[_rate_rule(limit), *(_managed(name, order) for order, name in enumerate(MANAGED_RULES, start=1))],
        )
        stage = self.api.deployment_stage.stage_arn
        waf.CfnWebACLAssociation(self, "WallOfStage", resource_arn=stage, web_acl_arn=wall.attr_arn)


def _rate_rule(limit: int) -> waf.CfnWebACL.RuleProperty:
    by_address = waf.CfnWebACL.RateBasedStatementProperty(aggregate_key_type="IP", limit=limit)
    return waf.CfnWebACL.RuleProperty(
        name="rate",
        priority=0,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(rate_based_statement=by_address),
        visibility_config=_seen("rate"),
    )


def _managed(name: str, order: int) -> waf.CfnWebACL.RuleProperty:
    group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(name=name, vendor_name="AWS")
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=order,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        visibility_config=_seen(name),
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
