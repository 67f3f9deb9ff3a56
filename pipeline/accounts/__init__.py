"""Accounts: who works here, how they prove it, and what they may see. The desk and the command line stand over it.

Threat: someone who guesses passwords from one address or many, a copy of the database, a browser that was left
open, an account that should see one sort of paper only. Passwords are Argon2id hashes; sessions, tokens and
invitations are random secrets of which only the hash is kept; tries are counted in the database, so that neither
a restart nor a second desk forgets them.
"""

from pipeline.accounts.people import (
    Account,
    account_named,
    accounts,
    add,
    change,
    choose_language,
    create_first,
    invite,
    invited,
    nobody_yet,
    set_password,
    take_invitation,
    titles,
)
from pipeline.accounts.scope import is_visible, visible
from pipeline.accounts.sessions import (
    Visitor,
    begin_session,
    end_all_sessions,
    end_session,
    visitor_of_session,
)
from pipeline.accounts.sign_in import change_password, sign_in
from pipeline.accounts.tokens import Token, issue_token, revoke_token, tokens, visitor_of_token

__all__ = [
    "Account",
    "Token",
    "Visitor",
    "account_named",
    "accounts",
    "add",
    "begin_session",
    "change",
    "change_password",
    "choose_language",
    "create_first",
    "end_all_sessions",
    "end_session",
    "invite",
    "invited",
    "is_visible",
    "issue_token",
    "nobody_yet",
    "revoke_token",
    "set_password",
    "sign_in",
    "take_invitation",
    "titles",
    "tokens",
    "visible",
    "visitor_of_session",
    "visitor_of_token",
]
