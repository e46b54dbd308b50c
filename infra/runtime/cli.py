"""`freehold`: which package brings which command."""

from vending.cli import Entry
from vending.cli import main as run

ENTRIES = (
    Entry(
        "up",
        "Start the portal and the worker, and a local cloud unless AWS_ENDPOINT_URL is set.",
        "infra.local.up:up",
        group=False,
    ),
    Entry(
        "demo",
        "Do the main job once: make the example's accounts, audit them, write the report.",
        "infra.local.demo:demo",
        group=False,
    ),
    Entry(
        "doctor",
        "Say what is still missing until Freehold works, here or with --aws on AWS.",
        "infra.doctor.commands:doctor",
        group=False,
    ),
    Entry("cloud", "Start the local cloud alone.", "infra.local.commands:cloud", group=False),
    Entry(
        "simulate",
        "Ask a local cloud for many accounts at once, on simulated time, and print what came of it.",
        "infra.local.simulate:simulate",
        group=False,
    ),
    Entry("login", "Sign in at the portal with the browser.", "vending.login.commands:login", group=False),
    Entry("logout", "Sign out of the portal.", "vending.login.commands:logout", group=False),
    Entry(
        "token",
        "Print a token of the local issuer for one of the example's people.",
        "infra.local.up:token",
        group=False,
    ),
    Entry("config", "Check the company file, or print what may stand in it.", "vending.commands:config"),
    Entry("request", "Ask for accounts, decide on requests, and watch them being made.", "vending.commands:request"),
    Entry(
        "account",
        "The accounts: whose they are, and what was read back from them.",
        "vending.lifecycle.commands:account",
    ),
    Entry("apply", "Make the accounts that a folder of request files asks for.", "vending.apply:apply", group=False),
    Entry(
        "notices",
        "What people were told, and whether it reached them.",
        "vending.notices.commands:notices",
        group=False,
    ),
    Entry("guardrails", "What accounts may not do: show, test, compile, evaluate, apply.", "guardrails.commands:app"),
    Entry("audit", "Is it still so: collect findings, query them, report.", "audit.commands:app"),
)


def main() -> None:
    """Run one command line."""
    run(ENTRIES)
