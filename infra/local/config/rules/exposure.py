"""Managed rules about services whose resources should not face the internet."""

from collections.abc import Iterator
from typing import Any

from infra.local.config.place import Place
from infra.local.config.rule import ManagedRule, Setting, Trigger, Verdict, judge
from infra.local.s3.publicness import Access, statement_opens

FUNCTION = "AWS::Lambda::Function"
DOCUMENT = "AWS::SSM::Document"
KUBERNETES = "AWS::EKS::Cluster"
REDSHIFT = "AWS::Redshift::Cluster"
NOTEBOOK = "AWS::SageMaker::NotebookInstance"
MAP_REDUCE = "AWS::EMR::Cluster"
SEARCH = "AWS::Elasticsearch::Domain"
REPLICATION = "AWS::DMS::ReplicationInstance"
LAUNCH = "AWS::AutoScaling::LaunchConfiguration"


def judge_functions(place: Place, _: Setting) -> Iterator[Verdict]:
    """No function's policy lets everybody invoke it."""
    for name, held in _of(place, "awslambda", "lambda_backends", "_functions"):
        statements = held["latest"].policy.statements
        fine = all(statement_opens(statement) is Access.NONE for statement in statements)
        yield judge(FUNCTION, name, fine, "The function policy allows public access.")


def judge_documents(place: Place, _: Setting) -> Iterator[Verdict]:
    """No document of the account is shared with everybody."""
    for name, document in _of(place, "ssm", "ssm_backends", "_documents"):
        yield judge(DOCUMENT, name, "all" not in document.permissions, "The document is public.")


def judge_kubernetes(place: Place, _: Setting) -> Iterator[Verdict]:
    """No cluster has its endpoint open to the internet, which is what a cluster has unless told otherwise."""
    for name, cluster in _of(place, "eks", "eks_backends", "clusters"):
        fine = (cluster.resources_vpc_config or {}).get("endpointPublicAccess", True) is False
        yield judge(KUBERNETES, name, fine, "The cluster endpoint is publicly accessible.")


def judge_warehouses(place: Place, _: Setting) -> Iterator[Verdict]:
    """No Redshift cluster is publicly accessible."""
    for name, cluster in _of(place, "redshift", "redshift_backends", "clusters"):
        fine = str(cluster.publicly_accessible).lower() != "true"
        yield judge(REDSHIFT, name, fine, "The cluster is publicly accessible.")


def judge_notebooks(place: Place, _: Setting) -> Iterator[Verdict]:
    """No notebook instance goes to the internet by itself."""
    for name, notebook in _of(place, "sagemaker", "sagemaker_backends", "notebook_instances"):
        fine = notebook.direct_internet_access == "Disabled"
        yield judge(NOTEBOOK, name, fine, "Direct internet access is enabled.")


def judge_search_domains(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each Elasticsearch domain has its endpoint in a VPC."""
    for name, domain in _of(place, "es", "es_backends", "domains"):
        yield judge(SEARCH, name, bool(domain.vpc_options), "The domain endpoint is public.")


def judge_replication(place: Place, _: Setting) -> Iterator[Verdict]:
    """No replication instance is publicly accessible."""
    for _arn, instance in _of(place, "dms", "dms_backends", "replication_instances"):
        fine = instance.publicly_accessible is False
        yield judge(REPLICATION, instance.id, fine, "The replication instance is public.")


def judge_map_reduce(place: Place, _: Setting) -> Iterator[Verdict]:
    """No running EMR cluster has a master node with a public address."""
    for cluster_id, cluster in _of(place, "emr", "emr_backends", "clusters"):
        if cluster.state in ("RUNNING", "WAITING"):
            group = cluster.master_instance_group_id
            masters = [node for node in cluster.ec2_instances if node.instance_group.id == group]
            fine = not any(node.public_ip_address for node in masters)
            yield judge(MAP_REDUCE, cluster_id, fine, "The master node has a public IP address.")


def judge_launch_configurations(place: Place, _: Setting) -> Iterator[Verdict]:
    """No launch configuration hands out public addresses."""
    for name, launch in _of(place, "autoscaling", "autoscaling_backends", "launch_configurations"):
        fine = str(launch.associate_public_ip_address).lower() != "true"
        yield judge(LAUNCH, name, fine, "The launch configuration assigns public IP addresses.")


def _of(place: Place, service: str, backends: str, attribute: str) -> list[tuple[str, Any]]:
    """What a service keeps under a name, nothing where nobody has called it."""
    backend = place.called(service, backends)
    return list(getattr(backend, attribute).items()) if backend else []


RULES = (
    ManagedRule("LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", (FUNCTION,), Trigger.CHANGE, judge_functions),
    ManagedRule("SSM_DOCUMENT_NOT_PUBLIC", (DOCUMENT,), Trigger.PERIODIC, judge_documents),
    ManagedRule("EKS_ENDPOINT_NO_PUBLIC_ACCESS", (KUBERNETES,), Trigger.PERIODIC, judge_kubernetes),
    ManagedRule("REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK", (REDSHIFT,), Trigger.CHANGE, judge_warehouses),
    ManagedRule("SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS", (NOTEBOOK,), Trigger.PERIODIC, judge_notebooks),
    ManagedRule("EMR_MASTER_NO_PUBLIC_IP", (MAP_REDUCE,), Trigger.PERIODIC, judge_map_reduce),
    ManagedRule("ELASTICSEARCH_IN_VPC_ONLY", (SEARCH,), Trigger.PERIODIC, judge_search_domains),
    ManagedRule("DMS_REPLICATION_NOT_PUBLIC", (REPLICATION,), Trigger.PERIODIC, judge_replication),
    ManagedRule(
        "AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED",
        (LAUNCH,),
        Trigger.CHANGE,
        judge_launch_configurations,
    ),
)
