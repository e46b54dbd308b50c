"""The calls of CloudFormation's handlers, type by type: what the rights of a stack's caller or role are measured by.

What a handler may call is in its type's schema, read 2026-11-25 from the registry's schemas as cfn-lint 1.58 has them
(https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html, `handlers`). Which of it
it calls follows from the properties; reads are left out. A type that is not here is not modelled.
"""

from collections.abc import Mapping
from typing import Any

from infra.local.cloudformation.asks import PHYSICAL_ID, Ask, Handler, Properties, Source, ask


def _tagged(kind: str) -> Source:
    """EC2's way to tag what is made."""

    def specifications(properties: Properties) -> list[dict[str, Any]] | None:
        tags = properties.get("Tags")
        return [{"ResourceType": kind, "Tags": tags}] if tags else None

    return specifications


def _profile(properties: Properties) -> dict[str, Any] | None:
    name = properties.get("IamInstanceProfile")
    return {"Name": name} if name else None


def _made_in_ec2(kind: str, create: str, delete: str, id_: str, *same: str, **settings: Ask) -> Handler:
    made = ask(f"ec2.{create}", *same, TagSpecifications=_tagged(kind))
    return Handler(made, Ask("ec2", delete, {id_: PHYSICAL_ID}), settings)


def _principals(verb: str) -> dict[str, Ask]:
    """A policy put on, or attached to, each of the roles, users and groups that are named."""
    suffix = "Policy"
    return {
        f"{kind}s": ask(f"iam.{verb}{kind}{suffix}", each=(f"{kind}Name", f"{kind}s"))
        for kind in ("Role", "User", "Group")
    }


_BUCKET = {
    "BucketEncryption": "PutBucketEncryption",
    "CorsConfiguration": "PutBucketCors",
    "LifecycleConfiguration": "PutBucketLifecycleConfiguration",
    "LoggingConfiguration": "PutBucketLogging",
    "NotificationConfiguration": "PutBucketNotificationConfiguration",
    "ObjectLockConfiguration": "PutObjectLockConfiguration",
    "OwnershipControls": "PutBucketOwnershipControls",
    "PublicAccessBlockConfiguration": "PutPublicAccessBlock",
    "Tags": "PutBucketTagging",
    "VersioningConfiguration": "PutBucketVersioning",
    "WebsiteConfiguration": "PutBucketWebsite",
}

_QUEUE = (
    "DelaySeconds",
    "KmsMasterKeyId",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "VisibilityTimeout",
)
"""Attributes of a queue that change in place."""

IAM: Mapping[str, Handler] = {
    "AWS::IAM::AccessKey": Handler(
        ask("iam.CreateAccessKey", "UserName"), ask("iam.DeleteAccessKey", "UserName", AccessKeyId=PHYSICAL_ID)
    ),
    "AWS::IAM::InstanceProfile": Handler(
        ask("iam.CreateInstanceProfile", "InstanceProfileName", "Path"),
        ask("iam.DeleteInstanceProfile", InstanceProfileName=PHYSICAL_ID),
        {"Roles": ask("iam.AddRoleToInstanceProfile", "InstanceProfileName", each=("RoleName", "Roles"))},
    ),
    "AWS::IAM::ManagedPolicy": Handler(
        ask("iam.CreatePolicy", "Path", PolicyName="ManagedPolicyName"),
        ask("iam.DeletePolicy", PolicyArn=PHYSICAL_ID),
        _principals("Attach"),
    ),
    "AWS::IAM::Policy": Handler(None, None, _principals("Put")),
    "AWS::IAM::Role": Handler(
        ask("iam.CreateRole", "RoleName", "Path", "PermissionsBoundary", "Tags"),
        ask("iam.DeleteRole", RoleName=PHYSICAL_ID),
        {
            "ManagedPolicyArns": ask("iam.AttachRolePolicy", "RoleName", each=("PolicyArn", "ManagedPolicyArns")),
            "Policies": ask("iam.PutRolePolicy", "RoleName"),
        },
        {
            "AssumeRolePolicyDocument": ask("iam.UpdateAssumeRolePolicy", "RoleName"),
            "Description": ask("iam.UpdateRole", "RoleName"),
            "MaxSessionDuration": ask("iam.UpdateRole", "RoleName"),
            "PermissionsBoundary": ask("iam.PutRolePermissionsBoundary", "RoleName", "PermissionsBoundary"),
            "Tags": ask("iam.TagRole", "RoleName", "Tags"),
        },
    ),
    "AWS::IAM::User": Handler(
        ask("iam.CreateUser", "UserName", "Path", "PermissionsBoundary", "Tags"),
        ask("iam.DeleteUser", UserName=PHYSICAL_ID),
        {
            "Groups": ask("iam.AddUserToGroup", "UserName", each=("GroupName", "Groups")),
            "LoginProfile": ask("iam.CreateLoginProfile", "UserName"),
            "ManagedPolicyArns": ask("iam.AttachUserPolicy", "UserName", each=("PolicyArn", "ManagedPolicyArns")),
            "Policies": ask("iam.PutUserPolicy", "UserName"),
        },
    ),
}

EC2: Mapping[str, Handler] = {
    "AWS::EC2::Instance": Handler(
        ask(
            "ec2.RunInstances",
            *("ImageId", "InstanceType", "KeyName", "MetadataOptions", "SecurityGroupIds", "SecurityGroups"),
            *("SubnetId", "BlockDeviceMappings", "NetworkInterfaces", "LaunchTemplate", "Tenancy"),
            IamInstanceProfile=_profile,
            TagSpecifications=_tagged("instance"),
        ),
        ask("ec2.TerminateInstances", InstanceIds=PHYSICAL_ID),
    ),
    "AWS::EC2::InternetGateway": _made_in_ec2(
        "internet-gateway", "CreateInternetGateway", "DeleteInternetGateway", "InternetGatewayId"
    ),
    "AWS::EC2::LaunchTemplate": Handler(
        ask("ec2.CreateLaunchTemplate", "LaunchTemplateName", "TagSpecifications"),
        ask("ec2.DeleteLaunchTemplate", LaunchTemplateId=PHYSICAL_ID),
    ),
    "AWS::EC2::NatGateway": _made_in_ec2(
        "natgateway", "CreateNatGateway", "DeleteNatGateway", "NatGatewayId", "SubnetId", "AllocationId"
    ),
    "AWS::EC2::Route": Handler(
        ask("ec2.CreateRoute", "RouteTableId", "DestinationCidrBlock"),
        ask("ec2.DeleteRoute", "RouteTableId", "DestinationCidrBlock"),
    ),
    "AWS::EC2::RouteTable": _made_in_ec2(
        "route-table", "CreateRouteTable", "DeleteRouteTable", "RouteTableId", "VpcId"
    ),
    "AWS::EC2::SecurityGroup": _made_in_ec2(
        "security-group",
        *("CreateSecurityGroup", "DeleteSecurityGroup", "GroupId", "GroupName", "VpcId"),
        SecurityGroupEgress=ask("ec2.AuthorizeSecurityGroupEgress"),
        SecurityGroupIngress=ask("ec2.AuthorizeSecurityGroupIngress"),
    ),
    "AWS::EC2::SecurityGroupIngress": Handler(
        ask("ec2.AuthorizeSecurityGroupIngress", "GroupId"), ask("ec2.RevokeSecurityGroupIngress", "GroupId")
    ),
    "AWS::EC2::Subnet": _made_in_ec2("subnet", "CreateSubnet", "DeleteSubnet", "SubnetId", "VpcId"),
    "AWS::EC2::SubnetRouteTableAssociation": Handler(
        ask("ec2.AssociateRouteTable", "RouteTableId", "SubnetId"), ask("ec2.DisassociateRouteTable", "RouteTableId")
    ),
    "AWS::EC2::VPC": _made_in_ec2("vpc", "CreateVpc", "DeleteVpc", "VpcId"),
    "AWS::EC2::VPCEndpoint": _made_in_ec2(
        "vpc-endpoint", "CreateVpcEndpoint", "DeleteVpcEndpoints", "VpcEndpointIds", "VpcId", "ServiceName"
    ),
    "AWS::EC2::VPCGatewayAttachment": Handler(
        None,
        None,
        {
            "InternetGatewayId": ask("ec2.AttachInternetGateway", "InternetGatewayId", "VpcId"),
            "VpnGatewayId": ask("ec2.AttachVpnGateway", "VpnGatewayId", "VpcId"),
        },
    ),
    "AWS::EC2::VPCPeeringConnection": _made_in_ec2(
        "vpc-peering-connection",
        *("CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "VpcPeeringConnectionId", "VpcId"),
    ),
    "AWS::EC2::Volume": _made_in_ec2("volume", "CreateVolume", "DeleteVolume", "VolumeId", "Encrypted", "KmsKeyId"),
}

DATA: Mapping[str, Handler] = {
    "AWS::DynamoDB::Table": Handler(
        ask("dynamodb.CreateTable", "TableName", "Tags"), ask("dynamodb.DeleteTable", TableName=PHYSICAL_ID)
    ),
    "AWS::ECR::Repository": Handler(
        ask("ecr.CreateRepository", repositoryName="RepositoryName", tags="Tags"),
        ask("ecr.DeleteRepository", repositoryName=PHYSICAL_ID),
        {"RepositoryPolicyText": ask("ecr.SetRepositoryPolicy", repositoryName="RepositoryName")},
    ),
    "AWS::KMS::Alias": Handler(
        ask("kms.CreateAlias", "AliasName", "TargetKeyId"), ask("kms.DeleteAlias", "AliasName", "TargetKeyId")
    ),
    "AWS::KMS::Key": Handler(
        ask("kms.CreateKey", "KeySpec", "KeyUsage", "Origin", "MultiRegion", "Tags"),
        ask("kms.ScheduleKeyDeletion", "PendingWindowInDays", KeyId=PHYSICAL_ID),
        {"EnableKeyRotation": ask("kms.EnableKeyRotation")},
    ),
    "AWS::Logs::LogGroup": Handler(
        ask("logs.CreateLogGroup", logGroupName="LogGroupName", tags="Tags"),
        ask("logs.DeleteLogGroup", logGroupName=PHYSICAL_ID),
        {"RetentionInDays": ask("logs.PutRetentionPolicy", logGroupName="LogGroupName")},
    ),
    "AWS::RDS::DBInstance": Handler(
        ask("rds.CreateDBInstance", "DBInstanceIdentifier", "DBInstanceClass", "Engine", "StorageEncrypted", "Tags"),
        ask("rds.DeleteDBInstance", DBInstanceIdentifier=PHYSICAL_ID),
    ),
    "AWS::S3::Bucket": Handler(
        ask("s3.CreateBucket", Bucket="BucketName", ObjectLockEnabledForBucket="ObjectLockEnabled"),
        ask("s3.DeleteBucket", Bucket=PHYSICAL_ID),
        {name: ask(f"s3.{operation}", name, Bucket="BucketName") for name, operation in _BUCKET.items()}
        | {"AccessControl": ask("s3.PutBucketAcl", Bucket="BucketName", ACL="AccessControl")},
    ),
    "AWS::SSM::Parameter": Handler(
        ask("ssm.PutParameter", "Name", "Tags"),
        ask("ssm.DeleteParameter", Name=PHYSICAL_ID),
        changes={"Value": ask("ssm.PutParameter", "Name"), "Description": ask("ssm.PutParameter", "Name")},
    ),
}

SERVING: Mapping[str, Handler] = {
    "AWS::ApiGateway::Deployment": Handler(ask("apigateway.CreateDeployment", restApiId="RestApiId"), None),
    "AWS::ApiGateway::Method": Handler(ask("apigateway.PutMethod", restApiId="RestApiId"), None),
    "AWS::ApiGateway::Resource": Handler(ask("apigateway.CreateResource", restApiId="RestApiId"), None),
    "AWS::ApiGateway::RestApi": Handler(ask("apigateway.CreateRestApi"), None),
    "AWS::CloudWatch::Dashboard": Handler(
        ask("cloudwatch.PutDashboard", "DashboardName"), ask("cloudwatch.DeleteDashboards", DashboardNames=PHYSICAL_ID)
    ),
    "AWS::Events::EventBus": Handler(
        ask("events.CreateEventBus", "Name", "Tags"), ask("events.DeleteEventBus", Name=PHYSICAL_ID)
    ),
    "AWS::Events::Rule": Handler(
        ask("events.PutRule", "Name", "EventBusName", "RoleArn", "Tags"),
        ask("events.DeleteRule", "Name", "EventBusName"),
        {"Targets": ask("events.PutTargets", "Targets", Rule="Name", EventBusName="EventBusName")},
        {
            name: ask("events.PutRule", "Name", "EventBusName", "RoleArn")
            for name in ("Description", "EventPattern", "ScheduleExpression", "State")
        },
    ),
    "AWS::Lambda::EventSourceMapping": Handler(
        ask("lambda.CreateEventSourceMapping", "FunctionName", "EventSourceArn"),
        ask("lambda.DeleteEventSourceMapping", "FunctionName", UUID=PHYSICAL_ID),
    ),
    "AWS::Lambda::Function": Handler(
        ask("lambda.CreateFunction", "FunctionName", "Role", "VpcConfig", "Layers", "CodeSigningConfigArn", "Tags"),
        ask("lambda.DeleteFunction", FunctionName=PHYSICAL_ID),
        {"ReservedConcurrentExecutions": ask("lambda.PutFunctionConcurrency", "FunctionName")},
        {
            "Code": ask("lambda.UpdateFunctionCode", "FunctionName"),
            **{
                name: ask("lambda.UpdateFunctionConfiguration", "FunctionName", "Role", "VpcConfig", "Layers")
                for name in ("Description", "Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout")
            },
        },
    ),
    "AWS::Lambda::Permission": Handler(
        ask("lambda.AddPermission", "FunctionName", "Principal", "FunctionUrlAuthType"),
        ask("lambda.RemovePermission", "FunctionName"),
    ),
    "AWS::Lambda::Version": Handler(
        ask("lambda.PublishVersion", "FunctionName"), ask("lambda.DeleteFunction", "FunctionName")
    ),
    "AWS::SNS::Topic": Handler(
        ask("sns.CreateTopic", "Tags", Name="TopicName"),
        ask("sns.DeleteTopic", TopicArn=PHYSICAL_ID),
        {"Subscription": ask("sns.Subscribe", "Subscription", Name="TopicName")},
    ),
    "AWS::SQS::Queue": Handler(
        ask("sqs.CreateQueue", "QueueName", tags="Tags"),
        ask("sqs.DeleteQueue", QueueUrl=PHYSICAL_ID),
        changes={name: ask("sqs.SetQueueAttributes", "QueueName") for name in _QUEUE},
    ),
    "AWS::StepFunctions::StateMachine": Handler(
        ask("stepfunctions.CreateStateMachine", name="StateMachineName", roleArn="RoleArn", tags="Tags"),
        ask("stepfunctions.DeleteStateMachine", stateMachineArn=PHYSICAL_ID),
    ),
}

HANDLERS: Mapping[str, Handler] = {**IAM, **EC2, **DATA, **SERVING}
WITHOUT_CALLS = frozenset({"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"})
"""Types that are nothing outside their stack."""
