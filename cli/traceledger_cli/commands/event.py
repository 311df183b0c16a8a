"""`traceledger event KIND ITEM`: one event, with options derived from the catalogue."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from typing import Any

import click
import msgspec

from traceledger.errors import UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.kind import Kind
from traceledger.planning.warnings import find_warnings
from traceledger.planning.writeoffs import is_report
from traceledger_cli.command import Command, finish
from traceledger_cli.lazy import Context, SuggestingGroup
from traceledger_cli.options.confirming import YES, confirm_policy
from traceledger_cli.options.field_options import collect_fields, field_options, format_option
from traceledger_cli.options.session import Session, signing
from traceledger_cli.options.values import ITEM, REF
from traceledger_cli.output import Output
from traceledger_cli.texts.receipts import report_appended

__all__ = ["event"]

# Kinds with separate commands; `consume`, which `assemble` adds; and two kinds that must be sent in
# one request, with `append`.
_ELSEWHERE = frozenset(
    {
        *("found", "rotate_root", "admit", "add_key", "revoke_key"),
        *("consume", "disassemble", "harvest"),
    }
)
Function = Callable[..., Any]

_EVENT = "9rLVYMY5kvvdXmDN6OJPZXnPN1GFbdNsbCqWXQXMRFo"
_ITEMS = {
    "core": "8004/9521234C000001",
    "unit": "01/09521234543213/21/7KQ2X4PM9ATRWC",
    "component": "8004/9521234P000001",
    "lot": "lot/W-2503",
    "declaration": "decl/M3VZT8R2KQ7XW4PB9HNC",
    "book": "book/7KQ2X4PM9ATRWC23QZ5H",
    "policy": "policy",
    "ledger": "ledger",
    "party": "party/carrier",
}


class _EventGroup(SuggestingGroup):
    """One command for each kind of the catalogue."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the kinds in the order of the catalogue."""
        del ctx
        return [name for name in CATALOGUE if name not in _ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of a kind."""
        return _command(cmd_name) if cmd_name in self.list_commands(ctx) else None


@click.group(
    "event",
    cls=_EventGroup,
    no_args_is_help=False,
    subcommand_metavar="KIND ITEM [OPTIONS]...",
    help="Sign one event and append it.\n\nEach kind has an option for each of its fields; on a"
    " terminal, the program prompts for missing ones. `assemble` also consumes its inputs. Events"
    " that must be sent in one request with others, such as `disassemble`, need `append`.",
)
def event() -> None:
    """Sign one event and append it."""


@functools.cache
def _command(name: str) -> Command:
    kind = CATALOGUE[name]

    @click.argument("item", type=ITEM)
    @field_options(kind)
    @_link_options(kind)
    @click.option("--occurred", metavar="TIME", help="When it happened, with offset. Default: now.")
    @click.option("--site", help="Where it happened: a GLN or site code.")
    @_confirmation(kind)
    @signing
    def run(
        *,
        item: str,
        occurred: str | None,
        site: str | None,
        session: Session,
        dry_run: bool,
        out: Output,
        yes: bool = False,
        **fields: Any,
    ) -> None:
        refs = _links(kind, item, fields)
        draft = Draft(
            kind=name,
            item=item,
            data=collect_fields(kind, fields),
            occurred=occurred or msgspec.UNSET,
            site=site or msgspec.UNSET,
            refs=refs,
        )
        drafts = [draft, *_companions(draft)]
        signer = session.signer()
        with session.reading() if dry_run else session.writing() as ledger:
            if is_report(ledger, draft):
                raise UsageError("writeoff.recompute", f"{item}: this confirms a write-off")
            confirm_policy(ledger, [draft], out, yes=yes or dry_run)
            warnings = find_warnings(ledger, [draft])
            answer = session.append(ledger, drafts, signer, dry_run=dry_run)
        report_appended(out, answer, dry_run=dry_run, warnings=warnings)

    about = (kind.full.__doc__ or "").strip()
    signers = ", ".join(kind.roles) if kind.roles != ("*",) else "any station key"
    text = f"{about}\n\nFor: {', '.join(kind.chains)}. Signed by: {signers}."
    return finish(name, run, example=_example(kind), writes=True, help=text)


def _confirmation(kind: Kind) -> Callable[[Function], Function]:
    """Adds `--yes` for a kind that may ask before it is signed."""
    return YES if kind.name == "set_policy" else lambda function: function


def _companions(draft: Draft) -> list[Draft]:
    """Returns the events that must be sent in one request with this one."""
    if draft.kind != "assemble":
        return []
    back = (DraftRef("unit", draft.item),)
    inputs = [ref.item for ref in draft.refs if ref.as_ == "input"]
    return [
        Draft(kind="consume", item=item, data={}, occurred=draft.occurred, refs=back)
        for item in inputs
    ]


def _link_options(kind: Kind) -> Callable[[Function], Function]:
    """Adds `--target` for a kind that concerns another event, or `--ref` for links to items."""

    def add(function: Function) -> Function:
        if _has_target(kind):
            text = "The id of the event that this one concerns."
            return click.option("--target", metavar="EVENT", help=text)(function)
        if kind.refs:
            links = ", ".join(f"{rule.name} ({' or '.join(rule.chains)})" for rule in kind.refs)
            text = f"A link to another item: {links}. Default event: the one that the kind implies."
            return click.option("--ref", "refs", type=REF, multiple=True, help=text)(function)
        return function

    return add


def _links(kind: Kind, item: str, parameters: dict[str, Any]) -> tuple[DraftRef, ...]:
    if _has_target(kind):
        target = parameters.pop("target")
        return (DraftRef("target", item, target) if target else DraftRef("target", item),)
    return tuple(parameters.pop("refs", ()))


def _has_target(kind: Kind) -> bool:
    return any(rule.at == "target" for rule in kind.refs)


def _example(kind: Kind) -> str:
    item = next(item for chain, item in _ITEMS.items() if chain in kind.chains)
    lines = [f"traceledger event {kind.name} {item}"]
    required = [name for name in kind.fields if name in kind.required]
    lines += [shlex.join(format_option(kind, name)) for name in required]
    if _has_target(kind) and kind.name != "release":
        lines.append(f"--target {_EVENT}")
    lines += [
        f"--ref {rule.name}={_ITEMS[rule.chains[0]]}"
        for rule in kind.refs
        if rule.count != "?" and rule.at != "target"
    ]
    return " \\\n    ".join([*lines, "--key station-4"])
