"""``workbench users``: who may use a served workbench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..accounts import Accounts, changing, checked_name, new_password
from .output import AsJson, echo, print_json


def users(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file of users; made if it is not there.")
    ],
    add: Annotated[
        list[str] | None,
        typer.Option(
            "--add", metavar="NAME", help="Add somebody, or give a new password; again for more."
        ),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="NAME", help="Take somebody out.")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for the passwords instead of making them up.")
    ] = False,
    without_password: Annotated[
        bool,
        typer.Option(
            "--without-password",
            help="For people whom a service identifies: `serve --login github`.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List, add and remove those who may use a served workbench.

    New passwords are printed once, to be handed out; the file holds only hashes of them. A server
    that uses the file notices changes at once, and whoever was removed is logged out.
    """
    given = {checked_name(name): _password(name, ask, without_password) for name in add or ()}
    if add or remove:
        with changing(file, make=bool(add)) as accounts:
            for name, password in given.items():
                accounts.add(name, password)
            accounts.remove(remove or ())
    else:
        accounts = Accounts.read(file)
    made = {} if ask or without_password else given
    if as_json:
        people = [{"name": k, "password": v is not None} for k, v in accounts.hashes.items()]
        print_json({"users": people, "new_passwords": made})
        return
    for name, password in made.items():
        echo(f"{name}  {password}")
    if not add and not remove:
        for name, hashed in accounts.hashes.items():
            echo(name if hashed else f"{name}  (without a password)")
    count = len(accounts.hashes)
    echo(f"{count} {'user' if count == 1 else 'users'} in {file}.")


def _password(name: str, ask: bool, without: bool) -> str | None:
    if ask:
        return typer.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True)
    return None if without else new_password()
