"""The tree of commands; only the branch that is asked for is imported, for a quick start."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from edepot.cli.speaking import SpeakingCommand, SpeakingGroup

COMMANDS: Mapping[str, str] = {
    "init": "init:init",
    "ingest": "ingest:ingest",
    "check": "ingest:check",
    "deliveries list": "deliveries:list_deliveries",
    "deliveries show": "deliveries:show_delivery",
    "deliveries report": "deliveries:report_delivery",
    "find": "find:find",
    "show": "show:show",
    "export": "export:export",
    "verify": "verify:verify",
    "identify": "identify:identify",
    "bag validate": "bag:validate",
    "ledger verify": "ledger:verify_ledger",
    "ledger checkpoint": "ledger:checkpoint",
    "ledger export": "ledger:export_ledger",
    "rebuild": "rebuild:rebuild",
    "agreements list": "agreements:list_agreements",
    "agreements check": "agreements:check_agreements",
    "fixity run": "fixity:run",
    "fixity resume": "fixity:resume",
    "fixity list": "fixity:list_them",
    "fixity cancel": "fixity:cancel",
    "fixity repair": "fixity_repair:repair",
    "fixity report": "fixity_report:report_run",
    "fixity bundle": "fixity_bundle:bundle",
    "stores list": "stores:list_stores",
    "stores add": "stores_add:add_store",
    "stores check": "stores_check:check_stores",
    "stores move": "stores_move:move_store",
    "held register": "held:register_party",
    "held manifest": "held:take_manifest",
    "held challenge": "held:challenge_party",
    "held answer": "held:take_answer",
    "held status": "held:show_status",
    "held dossiers": "held_dossiers:dossiers",
    "schedule list": "schedule:list_them",
    "schedule run": "schedule_run:run",
    "schedule cost": "schedule:cost",
    "schedule set": "schedule:change",
    "retention compute": "retention_compute:compute",
    "retention explain": "retention_explain:explain",
    "retention fact": "retention_fact:fact",
    "retention worklist": "retention_worklist:worklist",
    "retention forecast": "retention_forecast:show_forecast",
    "retention correct": "retention_correct:correct",
    "retention recompute": "retention_recompute:recompute",
    "person add": "person:add",
    "person list": "person:list_them",
    "person end": "person:end",
    "mandate give": "mandate:give",
    "mandate end": "mandate:end",
    "mandate list": "mandate:list_them",
    "hold place": "hold:place",
    "hold add": "hold:add",
    "hold release": "hold:release",
    "hold review": "hold:review",
    "hold list": "hold:list_them",
    "hold show": "hold:show",
    "exemption add": "exemption:add",
    "exemption check": "exemption:check",
    "exemption end": "exemption:end",
    "exemption list": "exemption:list_them",
    "destruction new": "destruction:new",
    "destruction list": "destruction:list_them",
    "destruction show": "destruction:show",
    "destruction add": "destruction:add",
    "destruction remove": "destruction:remove",
    "destruction submit": "destruction_review:submit",
    "destruction review": "destruction_review:judge",
    "destruction answer": "destruction_review:answer",
    "destruction reassign": "destruction_review:reassign",
    "destruction authorise": "destruction_review:authorise",
    "destruction standing": "destruction_review:stand",
    "destruction sign": "destruction_run:sign",
    "destruction start": "destruction_run:start",
    "destruction run": "destruction_execute:run",
    "destruction pause": "destruction_run:pause",
    "destruction resume": "destruction_run:resume",
    "destruction stop": "destruction_run:stop",
    "destruction status": "destruction_status:status",
    "destruction decide": "destruction_decide:decide",
    "destruction withdraw": "destruction:withdraw",
    "selection-list list": "selection_list:list_them",
    "selection-list show": "selection_list:show",
    "selection-list check": "selection_list:check",
    "selection-list import": "selection_list_import:take_in",
    "selection-list compare": "selection_list_import:compare",
    "policy show": "policy:show",
    "policy set": "policy:change",
    "policy check": "policy:check",
    "mapping list": "mapping:list_them",
    "mapping set": "mapping:change",
    "mapping check": "mapping:check",
    "mapping compare": "mapping:compare",
    "mapping import": "mapping:take_in",
    "order issue": "order:issue",
    "order answer": "order:answer",
    "order judge": "order:judge",
    "order list": "order:list_them",
    "declaration make": "declaration:make",
    "declaration sign": "declaration:sign",
    "declaration keep": "declaration:keep",
    "declaration addendum": "declaration:addendum",
    "declaration list": "declaration:list_them",
    "declaration show": "declaration:show",
    "declaration bundle": "declaration_bundle:bundle",
    "transfer new": "transfer:new",
    "transfer list": "transfer_closing:list_them",
    "transfer status": "transfer_closing:status",
    "transfer restrict": "transfer:decide",
    "transfer remove": "transfer:remove",
    "transfer agree": "transfer:agree",
    "transfer package": "transfer_packing:package",
    "transfer deliver": "transfer_packing:deliver",
    "transfer receipt": "transfer_packing:receipt",
    "transfer declare": "transfer_closing:declare",
    "transfer sign": "transfer_closing:sign",
    "transfer release": "transfer_closing:release",
    "transfer return": "transfer:take_back",
    "restore-check": "restore_check:restore_check",
    "worker": "worker:worker",
    "demo": "demo:demo",
}
"""Every command by its path, with the function in edepot.cli that runs it."""


def build_app(arguments: Sequence[str]) -> Any:
    """The tree of commands, with the one that the arguments ask for ready to run."""
    asked = [each for each in arguments if not each.startswith("-")][:2]
    app = _group()
    groups: dict[str, typer.Typer] = {}
    for path, place in COMMANDS.items():
        first, _, second = path.partition(" ")
        named = [first, second] if second else [first]
        function = _function(place) if asked[: len(named)] == named else _elsewhere
        if not second:
            app.command(first, cls=SpeakingCommand)(function)
            continue
        if first not in groups:
            groups[first] = _group()
            app.add_typer(groups[first], name=first)
        groups[first].command(second, cls=SpeakingCommand)(function)
    return get_command(app)


def _group() -> typer.Typer:
    group = typer.Typer(cls=SpeakingGroup, add_completion=False, rich_markup_mode=None)
    group.callback()(_elsewhere)
    return group


def _function(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"edepot.cli.{module}"), name)
    return function


def _elsewhere() -> None:
    """Stands for a command that was not asked for."""
