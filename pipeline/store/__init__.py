"""Where everything is kept: the database, the vault of original bytes, the ledger and the leases."""

from pipeline.store.database import Store
from pipeline.store.leases import drop_lease, renew_lease, take_lease
from pipeline.store.ledger import move, record
from pipeline.store.vault import Vault

__all__ = ["Store", "Vault", "drop_lease", "move", "record", "renew_lease", "take_lease"]
