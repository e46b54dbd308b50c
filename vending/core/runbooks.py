"""The runbooks: one for each alarm, shown in the portal's help under `/help/runbooks/ID`.

An alarm's description ends with the address of its page, so whoever is woken reads what it means and what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vending.core.errors import NotFound


@dataclass(frozen=True)
class Runbook:
    """What an alarm means, who feels it, and what to do, in order."""

    id: str
    title: str
    means: str
    """What has happened, in one or two sentences."""
    felt: str
    """What people notice meanwhile."""
    steps: tuple[str, ...]
    """In the order in which to try them."""


_ALL = (
    Runbook(
        "execution-failed",
        "An execution failed",
        "A durable execution of the workflow ended with an error that it did not foresee, or the table was away for an "
        "hour. The dispatcher begins another one within a minute; after three that failed it parks the request.",
        "One request takes longer, or is parked; its account, if there is one, stays in quarantine. Others go on.",
        (
            (
                "Open the function freehold-workflow in the Lambda console, Durable executions, and read the "
                "error of the "
                "failed execution; its name is the request's id, and a number where it is not the first."
            ),
            "Look at the request's page: what was done stands in its timeline, and nothing of that is lost.",
            (
                "If AWS was the cause (an outage, a missing right, a quota), mend it and choose “Go on as it is” on "
                "the page of the request that was parked: it goes on after the last step that was done."
            ),
            "If the code was the cause, deploy the correction first: new executions begin in the newest version.",
        ),
    ),
    Runbook(
        "execution-timed-out",
        "An execution reached its end of 366 days",
        "A request waited a year for an approval or an edit, which is as long as Lambda lets an execution wait.",
        "None: the dispatcher begins another execution within a minute, in which the request waits on.",
        (
            "Ask the requester whether the account is still wanted.",
            "Cancel the request; if an account was made for it, that is parked in quarantine.",
            "Ask again with a new request where it is still wanted.",
        ),
    ),
    Runbook(
        "dead-letters",
        "Something lies in the dead-letter queue",
        "Lambda could not begin an execution, or gave one up. The message holds the request's id and nothing else.",
        "That one request does not move. The dispatcher starts what was never started every minute, so a message may "
        "be old news.",
        (
            "Read the queue freehold-dead-letters (Poll for messages) and note the request ids.",
            "Look at each request's page. One that has moved on since needs nothing.",
            (
                "For one that has not: the execution's error is in the log group "
                "/aws/lambda/freehold-workflow. Mend the "
                "cause, then let the request go on."
            ),
            "Delete the messages that are dealt with: the alarm ends when the queue is empty.",
        ),
    ),
    Runbook(
        "workflow-errors",
        "The workflow's function fails",
        "An invocation of the workflow ended with an error outside of its steps: it could not start, ran out "
        "of memory, "
        "or was cut off after 15 minutes.",
        "Lambda repeats the invocation, so most of these mend themselves. Requests take longer.",
        (
            "Read the last errors in the log group /aws/lambda/freehold-workflow.",
            (
                "An import error or a missing variable comes with a deployment: go back to the version before "
                "by pointing "
                "the alias `live` to it, then correct it."
            ),
            "A timeout names the step it was in: AWS answers slowly there. It goes on from that step by itself.",
        ),
    ),
    Runbook(
        "no-rounds",
        "The dispatcher does not run",
        "For five minutes no round was made. Rounds let requests pass their gates and repeat lost wake-ups.",
        "No request moves on past a gate; new requests are taken, but do not begin.",
        (
            "Look whether the EventBridge rule of the stack FreeholdVending that runs every minute is enabled.",
            "Look whether the function freehold-dispatcher is throttled: the account's concurrency may be used up.",
            "Invoke the function by hand with `{}`: its answer or its error says what is wrong.",
            "Nothing has to be made up for: the next round computes everything from the table.",
        ),
    ),
    Runbook(
        "failed-rounds",
        "The dispatcher fails",
        "Three rounds or more within five minutes ended with an error.",
        "Requests wait longer; none is lost.",
        (
            "Read the last errors in the log group /aws/lambda/freehold-dispatcher.",
            (
                "If the table is throttled or its key cannot be used, look at the table freehold and at the key "
                "alias/freehold: a disabled key or a changed key policy stops everything."
            ),
            "A single request that cannot be woken is skipped and logged by its id, and does not raise this alarm.",
        ),
    ),
    Runbook(
        "portal-errors",
        "The portal's function fails",
        "An invocation of the portal ended with an error outside of a request: it could not start, or ran out of time.",
        "Some people see “Internal server error” from API Gateway instead of a page.",
        (
            "Read the last errors in the log group /aws/lambda/freehold-portal.",
            "After a deployment: point the function back to the code before, then correct it.",
            "A timeout after 29 seconds is a question that reads too much: ask it with Athena instead.",
        ),
    ),
    Runbook(
        "portal-answers",
        "The portal answers with server errors",
        "Five answers or more within five minutes were 5xx. The page that a person saw names a request id.",
        "Some pages do not come, or say that AWS did not answer.",
        (
            "Look for the request id, or for level ERROR, in the log group /aws/lambda/freehold-portal.",
            (
                "502 with the code aws-failed, aws-denied or aws-throttled is AWS's answer to a call of ours, "
                "in words: "
                "where a delegation is missing, deploy FreeholdOrganization, which makes it."
            ),
            "503 with the code issuer-unanswered: the user pool, or the issuer of the company file, does not answer.",
        ),
    ),
    Runbook(
        "parked-requests",
        "A request is parked",
        "The workflow stopped a request because going on needs a person. Its page says what happened and who can mend "
        "it.",
        "A team waits for its account. An account that exists already is in quarantine: nobody but the platform can "
        "act in it.",
        (
            "Open Requests in the portal and filter by Parked; read cause and remedy.",
            "Where the request itself is wrong, its team edits it: the same request goes on.",
            "Where AWS or the organisation was the cause, mend that and choose “Go on as it is” on the request's page.",
            "The alarm ends when no request is parked. A request that nobody wants any more is cancelled.",
        ),
    ),
    Runbook(
        "waiting-long",
        "A request has waited for more than a day",
        "The oldest request that has not ended is older than 24 hours, waiting for approval included.",
        "A team waits.",
        (
            "Open Requests and there the oldest that is not over: its page says what it waits for.",
            "An approval: remind the approvers, who are named there.",
            (
                "Control Tower's enrolment: it can take hours, and one OU takes one account at a time. Look in Control "
                "Tower whether the enrolment failed there."
            ),
            "A place in the queue: AWS makes five accounts at a time. If the queue is long for days, ask AWS for more.",
        ),
    ),
    Runbook(
        "collector-errors",
        "The collector fails",
        "An audit run ended with an error, or was cut off after 15 minutes. Findings are those of the run before.",
        "The findings are older than they should be; the age stands on every page.",
        (
            "Read the run's reason on the page Audit, and the log group /aws/lambda/freehold-collector.",
            "A run that was cut off is taken up again within five minutes: wait for the next one.",
            "Denied or missing: deploy FreeholdOrganization and FreeholdAudit, which make delegations and aggregator.",
        ),
    ),
    Runbook(
        "unheard-events",
        "Events could not be taken in",
        "What Config, Control Tower or Organizations told between two audit runs could not be written into the ledger, "
        "five times over.",
        "Findings are as old as the last run in that respect; the next run sees what the events told.",
        (
            "Read the last errors in the log group /aws/lambda/freehold-listener.",
            "Denied or missing: deploy FreeholdOrganization and FreeholdAudit, which make its roles and the ledger.",
            (
                "When the cause is mended, let freehold-unheard-events go back to freehold-events (SQS, Start DLQ "
                "redrive): events in any order and any number leave the ledger the same."
            ),
            "If a run ended since, the messages are old news and can be purged.",
        ),
    ),
    Runbook(
        "audit-late",
        "The audit is late",
        "The last audit run that saw something ended longer ago than the company file allows (audit.late_after_hours), "
        "or nobody has measured how long ago that is.",
        "Numbers in reports stand, but they are older than they should be; their age stands on every page.",
        (
            "Open Audit: does the last run exist, and what is its reason?",
            "No run at all: are the EventBridge rules Daily and Soon of the stack FreeholdAudit enabled?",
            "A run that stays under way: read the log group /aws/lambda/freehold-collector.",
        ),
    ),
    Runbook(
        "audit-blind",
        "The audit saw too little",
        "The last audit run saw less of the organisation than the company file demands (audit.coverage_threshold). "
        "What was not seen counts as unknown, never as fine.",
        "Numbers in reports stand, but they leave out what was not seen; the reports say how much that is.",
        (
            "Open Findings, and ask the view `coverage` which accounts and regions were not seen and why.",
            "Mostly Config does not record there: the account is not enrolled, or its recorder was stopped.",
            "Mend that; the alarm ends with the next run.",
        ),
    ),
    Runbook(
        "guardrails-errors",
        "Guardrails could not be planned or applied",
        "The function that plans and applies guardrails ended with an error: a gate was closed, AWS refused a "
        "write, or "
        "it was cut off.",
        "What accounts may not do is as it was, or partly changed: new policies are attached before old ones are "
        "detached, so nothing is less guarded than before.",
        (
            (
                "Read the error in the log group /aws/lambda/freehold-guardrails; a closed gate names the call "
                "and the role "
                "that would be locked out."
            ),
            "A closed gate: correct the guardrail or its exemptions, and let the pipeline run again.",
            "Cut off, or refused by AWS: run the pipeline's stage again. It goes on where it stopped.",
            (
                "On schedule it only lets conformance packs follow accounts that moved; what it missed, the next "
                "call makes up for, ten minutes later."
            ),
            "`freehold guardrails drift` says what is attached now and what should be.",
        ),
    ),
)

RUNBOOKS: Mapping[str, Runbook] = {runbook.id: runbook for runbook in _ALL}
"""By id, in the order in which the help lists them."""


def find_runbook(runbook_id: str) -> Runbook:
    """One runbook.

    Raises:
        NotFound: when there is none of that id.
    """
    if runbook_id not in RUNBOOKS:
        raise NotFound(f"There is no runbook {runbook_id!r}.", "The help lists every one: /help.")
    return RUNBOOKS[runbook_id]
