"""sec.analyzer: somebody asks every day what strangers can reach."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company

NAME = "freehold-external-access"


def build(company: Company) -> Guardrail:
    """An analyzer of external access sees one region, so there is one in each; a team's own counts as well, as AWS
    allows one of the kind in a region."""
    return Guardrail(
        id="sec.analyzer",
        title="Access Analyzer looks for what outsiders can reach",
        intent="Who from outside can reach what is a question that somebody has to ask every day.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.20", "CIS v5 1.19", "NIST 800-53 RA-5"),
        parameters={"analyzer": NAME, "regions": list(company.landing_zone.regions)},
        seen_as="Access Analyzer lists a finding for each resource that somebody outside the account can reach.",
        exemption="There is no exemption; a finding that is meant to be is archived there.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="an active analyzer of external access",
            read=_read,
            apply=_apply,
            holds=lambda observed: "ACTIVE" in observed["analyzers"].values(),
            tell=_tell,
        ),
        allows=(State("as applied", {"analyzers": {NAME: "ACTIVE"}}),),
        denies=(
            State("none was made", {"analyzers": {}}),
            State("one that does not run", {"analyzers": {NAME: "DISABLED"}}),
        ),
    )


def _read(place: Place) -> Observed:
    client = place.aws.client("accessanalyzer", place.region, place.account_id)
    pages = client.pages("list_analyzers", type="ACCOUNT")
    return {"analyzers": {found["name"]: found["status"] for page in pages for found in page["analyzers"]}}


def _apply(place: Place) -> None:
    client = place.aws.client("accessanalyzer", place.region, place.account_id)
    client.create_analyzer(analyzerName=NAME, type="ACCOUNT")


def _tell(observed: Observed) -> str:
    return ", ".join(f"{name} is {status}" for name, status in observed["analyzers"].items()) or "no analyzer"
