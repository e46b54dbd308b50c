"""How people get in: Identity Center's groups and permission sets, who signs them in, and the portal's door."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing
from infra.doctor.sight import Sight
from vending.core.errors import AwsMissing

GUIDE = "The guide “Let people in with Identity Center” says how."


def permission_sets(sight: Sight) -> Iterator[Seen]:
    """Every `access` of a template is one."""
    instance = _instance(sight)
    if instance is None:
        yield _none(sight)
        return
    admin, arn = sight.management("sso-admin"), instance["InstanceArn"]
    arns = [one for page in admin.pages("list_permission_sets", InstanceArn=arn) for one in page["PermissionSets"]]
    there = {
        admin.describe_permission_set(InstanceArn=arn, PermissionSetArn=one)["PermissionSet"]["Name"] for one in arns
    }
    wanted = {template.access: name for name, template in sight.company.templates.items()}
    absent = [name for name in wanted if name not in there]
    for name in absent:
        then = f"Make it in Identity Center, or mend templates.{wanted[name]}.access."
        yield missing(f"Identity Center has no permission set {name}.", then, f"templates.{wanted[name]}.access")
    if not absent:
        yield fine(f"Identity Center has the permission sets {', '.join(wanted)}.")


def groups(sight: Sight) -> Iterator[Seen]:
    """Every team and role of the company file has its group."""
    instance = _instance(sight)
    if instance is None:
        yield _none(sight)
        return
    pages = sight.management("identitystore").pages("list_groups", IdentityStoreId=instance["IdentityStoreId"])
    there = {group["DisplayName"] for page in pages for group in page["Groups"]}
    wanted = {team.group: f"teams.{name}.group" for name, team in sight.company.teams.items()}
    wanted |= {group: f"roles.{role}" for role, named in sight.company.roles.items() for group in named}
    absent = [name for name in wanted if name not in there]
    for name in absent:
        then = "Make it in Identity Center, or in the directory it is synchronised from; or mend the company file."
        yield missing(f"Identity Center has no group {name}.", then, wanted[name])
    if not absent:
        yield fine(f"Identity Center has all {len(wanted)} groups.")


def signing_in(sight: Sight) -> Iterator[Seen]:
    """Somebody signs people in."""
    given, issuer = sight.deployment.portal.saml_metadata, sight.company.identity.issuer
    if given:
        yield fine(
            f"People sign in through the SAML application whose metadata is {given}.", "aws.portal.saml_metadata"
        )
    elif issuer:
        yield fine(f"People sign in at {issuer}.", "identity.issuer")
    else:
        yield missing("Nobody signs people in.", f"Set aws.portal.saml_metadata. {GUIDE}", "aws.portal.saml_metadata")


def certificate(sight: Sight) -> Iterator[Seen]:
    """It is issued, and for the portal's name."""
    door = sight.deployment.portal
    try:
        found = sight.platform("acm").describe_certificate(CertificateArn=door.certificate)["Certificate"]
    except AwsMissing:
        then = f"Request one for {door.domain} there, and write its ARN into aws.portal.certificate."
        yield missing(f"ACM has no certificate {door.certificate}.", then)
        return
    if not _covers((found["DomainName"], *found.get("SubjectAlternativeNames", ())), door.domain):
        then = f"Request one for {door.domain}, and write its ARN into aws.portal.certificate."
        yield missing(f"The certificate is for {found['DomainName']}, not for {door.domain}.", then)
    elif found["Status"] != "ISSUED":
        then = "Put the records that ACM shows into the domain's DNS: it issues the certificate then."
        yield missing(f"The certificate for {door.domain} is {found['Status']}.", then)
    else:
        yield fine(f"The certificate for {door.domain} is issued.")


def _covers(names: tuple[str, ...], domain: str) -> bool:
    """A wildcard stands for one label."""
    return domain in names or f"*.{domain.partition('.')[2]}" in names


def connection(sight: Sight) -> Iterator[Seen]:
    """The pipeline may read the repository."""
    delivery = sight.deployment.delivery
    if delivery is None:
        yield fine("The company file asks for no pipeline: the stacks are deployed by hand.")
        return
    try:
        found = sight.platform("codeconnections").get_connection(ConnectionArn=delivery.connection)["Connection"]
    except AwsMissing:
        then = "Make one in the platform account (Developer Tools, Connections), or mend aws.delivery.connection."
        yield missing(f"There is no connection {delivery.connection}.", then)
        return
    if found["ConnectionStatus"] == "AVAILABLE":
        yield fine(f"The connection to {delivery.repository} is agreed to.")
    else:
        then = "Developer Tools, Connections, Update pending connection: agree to it there."
        yield missing(f"The connection to {delivery.repository} is {found['ConnectionStatus']}.", then)


def _instance(sight: Sight) -> Mapping[str, Any] | None:
    pages = sight.management("sso-admin").pages("list_instances")
    there = [one for page in pages for one in page["Instances"]]
    return next((one for one in there if one.get("OwnerAccountId") == sight.deployment.management_account), None)


def _none(sight: Sight) -> Seen:
    then = "Enable it for the organisation, from the management account and in the home region."
    return missing(f"Identity Center has no instance of the organisation in {sight.home}.", then)
