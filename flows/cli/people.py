"""Commands on the desk's accounts and tokens. Passwords come from a prompt or from standard input, never argv."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.common import Home, Json, err, out, password, settings_for
from models.document_types import document_types
from models.roles import Role, Scope
from pipeline.accounts import Account, Token
from pipeline.store import Store

ACTOR = "operator"  # who has the machine's command line, in the ledger
INBOX = "(inbox)"

users = typer.Typer(help="Accounts of the review desk: add, list, disable, passwords, roles.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens with which programs use the desk's API.", no_args_is_help=True)


def _known(names: list[str] | None) -> list[str] | None:
    """Refuse a wrong type before a password is asked for."""
    known = document_types()
    if strangers := sorted(set(names or ()) - set(known)):
        raise typer.BadParameter(f"There is no type {', '.join(strangers)}. There are: {', '.join(known)}.")
    return names


Name = Annotated[str, typer.Argument(help="The user name.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="What it may do; may be given often.")]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this document type; may be given often. [default: all]", callback=_known),
]
Stations = Annotated[
    list[str] | None,
    typer.Option("--station", help=f"Only from this station; may be given often; {INBOX} is the drop folder itself."),
]
FromInput = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input, one line.")]
ByLink = Annotated[bool, typer.Option("--link", help="Ask for none; print a one-time link to choose one.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(users, name="users")
    app.add_typer(tokens, name="tokens")


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return password("Password (12 characters or more)", otherwise="Say --stdin or --link.", twice=True)


def _stations(names: list[str] | None) -> frozenset[str] | None:
    return frozenset("" if name == INBOX else name for name in names) if names else None


def _print_link(store: Store, name: str) -> None:
    from pipeline.accounts import invite
    from pipeline.accounts.people import INVITED_HOURS
    from pipeline.review.desk import address

    secret = invite(store, name, actor=ACTOR)
    err.print(f"Works once, for {INVITED_HOURS} hours. Whoever opens it chooses the password:")
    typer.echo(address(store.settings, f"/welcome?key={secret}"))


@users.command("add")
def users_add(
    name: Name,
    *,
    home: Home = None,
    title: Annotated[str, typer.Option(help="The name that others read. [default: the user name]")] = "",
    role: Roles = None,
    document_type: Types = None,
    station: Stations = None,
    stdin: FromInput = False,
    link: ByLink = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="For a program: it has tokens only.")] = False,
) -> None:
    """Add an account; a reviewer unless --role says otherwise. Asks for the password."""
    from pipeline.accounts import add

    if stdin + link + no_password > 1:
        raise typer.BadParameter("--stdin, --link and --no-password exclude each other.")
    scope = Scope(frozenset(document_type) if document_type else None, _stations(station))
    with Store.open(settings_for(home)) as store:
        chosen = None if link or no_password else _password(stdin)
        roles = frozenset(role or [Role.REVIEWER])
        account = add(store, name, title=title, roles=roles, scope=scope, password=chosen, actor=ACTOR)
        out.print(f"Added {escape(account.name)}: {', '.join(sorted(account.roles))}.", highlight=False)
        if link:
            _print_link(store, account.name)


def _as_dict(account: Account) -> dict[str, Any]:
    scope = account.scope
    return {
        "name": account.name,
        "title": account.title,
        "roles": sorted(account.roles),
        "types": None if scope.types is None else sorted(scope.types),
        "stations": None if scope.stations is None else sorted(scope.stations),
        "disabled": account.disabled,
        "has_password": account.has_password,
        "created_at": account.created_at.isoformat() + "Z",
        "signed_in_at": account.signed_in_at.isoformat() + "Z" if account.signed_in_at else None,
    }


@users.command("list")
def users_list(home: Home = None, as_json: Json = False) -> None:
    """List the accounts. With --json: name, title, roles, types and stations (null: all), disabled, times."""
    from pipeline.accounts import accounts

    with Store.open(settings_for(home)) as store:
        rows = accounts(store)
    if as_json:
        typer.echo(json.dumps([_as_dict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    if not rows:
        out.print("There are none. `podatelna serve` prints a link that makes the first one; so does `users add`.")
        return
    table = Table("user name", "name", "roles", "types", "stations", "last sign-in", "")
    for row in rows:
        types = "all" if row.scope.types is None else ", ".join(sorted(row.scope.types))
        names = row.scope.stations
        stations = "all" if names is None else ", ".join(name or INBOX for name in sorted(names))
        when = f"{row.signed_in_at:%Y-%m-%d %H:%M}" if row.signed_in_at else "never"
        state = "disabled" if row.disabled else "" if row.has_password else "no password"
        cells = (row.name, row.title, ", ".join(sorted(row.roles)), types, stations, when, state)
        table.add_row(*map(escape, cells))
    out.print(table)


@users.command("disable")
def users_disable(
    name: Name, home: Home = None, undo: Annotated[bool, typer.Option("--undo", help="Enable it again.")] = False
) -> None:
    """Disable an account: it is signed out everywhere, its tokens open nothing. Nothing of the ledger changes."""
    from pipeline.accounts import change

    with Store.open(settings_for(home)) as store:
        change(store, name, actor=ACTOR, disabled=not undo)
    out.print(f"{escape(name)} is {'enabled' if undo else 'disabled'}.", highlight=False)


@users.command("password")
def users_password(name: Name, home: Home = None, stdin: FromInput = False, link: ByLink = False) -> None:
    """Give an account a new password and sign it out everywhere; with --link the person chooses it."""
    from pipeline.accounts import account_named, set_password

    with Store.open(settings_for(home)) as store:
        account_named(store, name)
        if link:
            _print_link(store, name)
            return
        set_password(store, name, _password(stdin), actor=ACTOR)
    out.print(f"{escape(name)} has a new password and is signed out everywhere.", highlight=False)


@users.command("roles")
def users_roles(
    name: Name,
    *,
    home: Home = None,
    role: Roles = None,
    document_type: Types = None,
    station: Stations = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="All types and stations.")] = False,
) -> None:
    """Show the roles and limits of an account, or set those that are given; the others stay."""
    from pipeline.accounts import account_named, change

    with Store.open(settings_for(home)) as store:
        before = account_named(store, name)
        limits = Scope() if unlimited else before.scope
        scope = Scope(
            frozenset(document_type) if document_type else limits.types, _stations(station) or limits.stations
        )
        account = change(store, name, actor=ACTOR, roles=role or before.roles, scope=scope)
    out.print_json(json.dumps(_as_dict(account), ensure_ascii=False))


@tokens.command("add")
def tokens_add(
    account: Annotated[str, typer.Argument(help="The account that the program acts for.")],
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    home: Home = None,
    role: Annotated[Role, typer.Option(help="One of the account's roles.")] = Role.INTEGRATOR,
    days: Annotated[int, typer.Option(help="It opens nothing after so many.", min=1)] = 90,
) -> None:
    """Make a token and print it; it can't be shown again. Sent as `Authorization: Bearer TOKEN`."""
    from pipeline.accounts import issue_token

    with Store.open(settings_for(home)) as store:
        typer.echo(issue_token(store, account, name, role, days=days, actor=ACTOR))


def _token_as_dict(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "account": token.account,
        "name": token.name,
        "role": token.role.value,
        "expires_at": token.expires_at.isoformat() + "Z",
        "used_at": token.used_at.isoformat() + "Z" if token.used_at else None,
        "opens": token.opens,
    }


@tokens.command("list")
def tokens_list(home: Home = None, as_json: Json = False) -> None:
    """List the tokens; what they are is not known any more."""
    from pipeline.accounts import tokens as all_tokens

    with Store.open(settings_for(home)) as store:
        rows = [_token_as_dict(token) for token in all_tokens(store)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        out.print("There are none.")
        return
    table = Table("id", "account", "for", "role", "until", "last used", "opens")
    for row in rows:
        table.add_row(
            str(row["id"]),
            escape(row["account"]),
            escape(row["name"]),
            row["role"],
            row["expires_at"][:10],
            (row["used_at"] or "never")[:16],
            "yes" if row["opens"] else "no",
        )
    out.print(table)


@tokens.command("revoke")
def tokens_revoke(token_id: Annotated[int, typer.Argument(metavar="ID")], home: Home = None) -> None:
    """End a token at once."""
    from pipeline.accounts import revoke_token

    with Store.open(settings_for(home)) as store:
        revoke_token(store, token_id, actor=ACTOR)
    out.print(f"Token {token_id} opens nothing any more.", highlight=False)
