"""Where everything is kept: the database, the vault of original bytes, the ledger and the leases."""

from pipeline.store.database import Store, insert_into, lock
from pipeline.store.keys import secret
from pipeline.store.leases import drop_lease, drop_leases, renew_lease, take_lease
from pipeline.store.ledger import move, record
from pipeline.store.owners import is_lost, is_this_process, new_owner
from pipeline.store.vault import SourceUnreadable, Vault, hash_of, sync_directory

__all__ = [
    "SourceUnreadable",
    "Store",
    "Vault",
    "drop_lease",
    "drop_leases",
    "hash_of",
    "insert_into",
    "is_lost",
    "is_this_process",
    "lock",
    "move",
    "new_owner",
    "record",
    "renew_lease",
    "secret",
    "sync_directory",
    "take_lease",
]
