"""Who may use a served workbench: a file of names, each with a hash of its password.

One line a person, ``name:scrypt$N$r$p$salt$hash``; a name alone is somebody whom another service
(OAuth) identifies. Passwords are never stored. Hashes are those of scrypt (RFC 7914), of the
standard library.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from .disk_errors import failing, sentence
from .errors import ParameterError, StoreError, unknown
from .whole_file import same_owner, written_whole

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
ALLOWED = "letters, digits and . _ @ + -, at most 64, the first a letter or digit"
MOST_BYTES = 2**20  # of a file of users: some ten thousand people
LONGEST_PASSWORD = 256  # characters; hashing a longer one would only cost time
SHORTEST_PASSWORD = 8
LOCKED_S = 30.0  # that a command waits for others
# Some 50 ms and 16 MB a try, as RFC 7914 and OWASP recommend at least.
COST = {"n": 2**14, "r": 8, "p": 1}
SYLLABLES = "bcdfghjkmnprstvwz", "aeiou"  # none that looks like another one on paper


@dataclass(frozen=True)
class Hashed:
    """A password, hashed."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> Hashed:
        salt = secrets.token_bytes(16)
        return cls(**COST, salt=salt, digest=_scrypt(password, salt, **COST))

    @classmethod
    def read(cls, text: str) -> Hashed:
        """Raises ValueError for what ``str`` does not write."""
        kind, n, r, p, salt, digest = text.split("$")
        found = cls(int(n), int(r), int(p), _bytes(salt), _bytes(digest))
        # A hash that costs a gigabyte would stop the server.
        if kind != "scrypt" or (found.n, found.r, found.p) != tuple(COST.values()):
            raise ValueError(kind)
        return found

    def __str__(self) -> str:
        return f"scrypt${self.n}${self.r}${self.p}${_text(self.salt)}${_text(self.digest)}"

    def fits(self, password: str) -> bool:
        digest = _scrypt(password, self.salt, self.n, self.r, self.p)
        return hmac.compare_digest(digest, self.digest)


_NOBODY = Hashed(**COST, salt=bytes(16), digest=bytes(64))


@dataclass
class Accounts:
    """The people in a file; ``hashes`` has None for those who have no password."""

    path: Path
    hashes: dict[str, Hashed | None] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> Accounts:
        """Raises StoreError when there is no such file, or it is not one of users."""
        path = Path(path)
        if not path.is_file():
            raise StoreError(
                f"There is no file of users {path}. `workbench users {path} --add NAME` makes one."
            )
        if path.stat().st_size > MOST_BYTES:
            raise StoreError(f"{path} is not a file of users: it has more than 1 MB.")
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {sentence(error, path)}") from error
        found = cls(path)
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, _, hashed = line.strip().partition(":")
            try:
                found.hashes[checked_name(name)] = Hashed.read(hashed) if hashed else None
            except ValueError:
                raise StoreError(
                    f"{path}, line {number}, is not a user: it must be a name, or a name, a colon "
                    "and a hash that `workbench users` wrote."
                ) from None
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.hashes

    def fits(self, name: str, password: str) -> bool:
        """Whether this is ``name``'s password; takes as long for a name that is not there."""
        known = self.hashes.get(name)
        right = (known or _NOBODY).fits(password[: LONGEST_PASSWORD + 1])
        return right and known is not None

    def mark(self, name: str) -> str:
        """What somebody's logins carry: another one after another password."""
        return hashlib.sha256(str(self.hashes.get(name)).encode()).hexdigest()[:16]

    def add(self, name: str, password: str | None) -> None:
        """Add somebody, or change a password; ``write`` stores it.

        password : None for somebody whom another service identifies
        raises   : ParameterError for a name or a password that is not allowed
        """
        name = checked_name(name)
        # Each person has a folder, and on some disks "Anna" and "anna" would be one.
        same = [k for k in self.hashes if k.casefold() == name.casefold() and k != name]
        if same:
            raise ParameterError(f"{name!r} is too much like {same[0]!r}, who is a user already.")
        if password is not None and not (SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD):
            raise ParameterError(
                f"A password of {len(password)} characters is not allowed: it must have "
                f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD}."
            )
        self.hashes[name] = None if password is None else Hashed.of(password)

    def remove(self, names: Iterable[str]) -> None:
        """Raises UnknownName for somebody who is not there."""
        for name in names:
            if name not in self.hashes:
                raise unknown("user", name, self.hashes)
            del self.hashes[name]

    def write(self) -> None:
        """Replace the file as a whole; nobody but its owner may read it."""
        lines = [f"{name}:{hashed}" if hashed else name for name, hashed in self.hashes.items()]
        with failing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(self.path, private=True) as new:
            new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@contextlib.contextmanager
def changing(path: Path, make: bool = False) -> Iterator[Accounts]:
    """The people in a file, to be changed: several commands at once wait for each other.

    make   : where there is no such file, begin one
    raises : StoreError as `Accounts.read` and `Accounts.write`, or if others take too long
    """
    place = path.with_name(f".{path.name}.lock")
    with failing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place, timeout=LOCKED_S)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"{path} is being changed by another command, for more than {LOCKED_S:g} s. Try "
                "again when that is done."
            ) from None
    try:
        accounts = Accounts(path) if make and not path.exists() else Accounts.read(path)
        yield accounts
        accounts.write()
        same_owner(place, path)
    finally:
        lock.release()


def checked_name(name: str) -> str:
    """Return it; raises ParameterError for what cannot be a user's name."""
    if not NAME.fullmatch(name):
        shown = name if len(name) <= 40 else f"{name[:39]}…"
        raise ParameterError(f"{shown!r} cannot be a user's name: {ALLOWED}.")
    return name


def new_password() -> str:
    """A password that can be read out: four parts of four letters, 51 bits at random."""
    consonants, vowels = SYLLABLES

    def part() -> str:
        return "".join(secrets.choice(letters) for letters in (consonants, vowels) * 2)

    return "-".join(part() for _ in range(4))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    text = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=64)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
