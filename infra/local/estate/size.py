"""How big a generated organisation is."""

from pydantic import BaseModel, ConfigDict, Field


class Size(BaseModel):
    """What `freehold cloud` is asked for; everything of nothing is the example's organisation as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: int = Field(default=0, ge=0, le=50_000)
    """Member accounts beside the example's, enrolled in the OUs of its classes."""
    rules: int | None = Field(default=None, ge=1, le=3_000)
    """Config rules of each account, in all its regions together; None for those of the example."""
    resources: int = Field(default=0, ge=0)
    """Evaluations in the whole organisation: one rule's results for one resource each."""
    drift: float = Field(default=0.05, ge=0, le=1)
    """Share of the evaluations that are NON_COMPLIANT."""
    ghosts: int = Field(default=0, ge=0)
    """Results for resources that are no more."""
    outdated: int = Field(default=0, ge=0)
    """Sources that the aggregator does not hear from: every second one OUTDATED, the others FAILED."""
    unrecorded: int = Field(default=0, ge=0)
    """Enrolled accounts whose recorders somebody deleted, in every region."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be generated."""
        return not (self.accounts or self.rules or self.ghosts or self.outdated or self.unrecorded)
