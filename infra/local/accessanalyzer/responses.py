"""The API of IAM Access Analyzer, shaped by botocore's model."""

import hashlib
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from infra.local.accessanalyzer.exposure import Exposed, exposed
from infra.local.accessanalyzer.models import AccessAnalyzerBackend, Analyzer, accessanalyzer_backends
from infra.local.config.place import Place
from infra.local.service import Refusal, ServiceResponse, page
from infra.local.shape import Violation

PAGE = 100
FILTERS = {"resource": "resource", "resourceType": "resource_type", "resourceOwnerAccount": "account_id"}
FIXED = {"status": "ACTIVE", "findingType": "ExternalAccess"}


class AccessAnalyzerResponse(ServiceResponse):
    """One call to Access Analyzer."""

    service: ClassVar[str] = "accessanalyzer"

    @property
    def backend(self) -> AccessAnalyzerBackend:
        """The caller's analyzers in this region."""
        found: AccessAnalyzerBackend = accessanalyzer_backends[self.current_account][self.region]
        return found

    def invalid(self, violation: Violation) -> ServiceException:
        """ValidationException with the field."""
        return _invalid(violation.sentence, violation.path)

    def create_analyzer(self) -> ActionResult:
        """A new analyzer, which works at once."""
        if self.params.get("archiveRules") or self.params.get("configuration"):
            raise NotImplementedError
        tags = dict(self.params.get("tags") or {})
        made = self.backend.create(self.params["analyzerName"], self.params["type"], tags)
        return ActionResult({"arn": made.arn})

    def get_analyzer(self) -> ActionResult:
        """One analyzer."""
        return ActionResult({"analyzer": _analyzer(self.backend.find(self.params["analyzerName"]))})

    def list_analyzers(self) -> ActionResult:
        """The analyzers of the account in this region, of one type or of all."""
        wanted = self.params.get("type")
        found = [one for one in self.backend.analyzers.values() if wanted in (None, one.type)]
        return self._page("analyzers", [_analyzer(one) for one in found])

    def delete_analyzer(self) -> ActionResult:
        """No such analyzer any more, nor its findings."""
        del self.backend.analyzers[self.backend.find(self.params["analyzerName"]).name]
        return EmptyResult()

    def list_findings_v2(self) -> ActionResult:
        """What is open to somebody outside the zone of trust now; what was closed since is listed no more."""
        analyzer = self.backend.find(self.params["analyzerArn"])
        zone = self.backend.zone(analyzer)
        found = [one for account in sorted(zone) for one in exposed(Place(account, self.region), zone)]
        wanted = [one for one in found if self._is_wanted(one)]
        return self._page("findings", [self._finding(analyzer, one) for one in wanted])

    def _is_wanted(self, found: Exposed) -> bool:
        return all(self._fits(name, criterion, found) for name, criterion in (self.params.get("filter") or {}).items())

    def _fits(self, name: str, criterion: dict[str, Any], found: Exposed) -> bool:
        """One criterion; NotImplementedError for those the cloud does not know."""
        if (name not in FILTERS and name not in FIXED) or criterion.keys() - {"eq", "neq"}:
            raise NotImplementedError(name)
        value = FIXED[name] if name in FIXED else getattr(found, FILTERS[name])
        return value in criterion.get("eq", [value]) and value not in criterion.get("neq", [])

    def _finding(self, analyzer: Analyzer, found: Exposed) -> dict[str, Any]:
        digest = hashlib.sha256(f"{analyzer.arn} {found.resource}".encode()).hexdigest()
        now = self.cloud.clock.now()
        return {
            "id": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
            "resource": found.resource,
            "resourceType": found.resource_type,
            "resourceOwnerAccount": found.account_id,
            "status": "ACTIVE",
            "findingType": "ExternalAccess",
            "createdAt": analyzer.created,
            "analyzedAt": now,
            "updatedAt": now,
        }

    def _page(self, member: str, items: list[dict[str, Any]]) -> ActionResult:
        try:
            found, token = page(items, self.params.get("nextToken"), self.params.get("maxResults"), PAGE)
        except ValueError as error:
            raise _invalid(str(error), "nextToken") from error
        return ActionResult({member: found} | ({"nextToken": token} if token else {}))


def _analyzer(one: Analyzer) -> dict[str, Any]:
    told = {"arn": one.arn, "name": one.name, "type": one.type, "createdAt": one.created, "status": "ACTIVE"}
    return told | {"tags": one.tags}


def _invalid(sentence: str, path: str) -> Refusal:
    field = {"name": path, "message": sentence}
    return Refusal("ValidationException", sentence, reason="fieldValidationFailed", fieldList=[field])
