"""The one settings object: defaults, then ``podatelna.toml``, then ``PODATELNA_*`` environment variables."""

from __future__ import annotations

import difflib
import os
import tomllib
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as MalformedVariable

from models.errors import SettingsError

MEBIBYTE = 1024 * 1024


class Engine(StrEnum):
    """Who reads pictures of pages."""

    POLICY = "policy"  # Tesseract, and RapidOCR where it pays
    TESSERACT = "tesseract"  # the cheap one alone
    RAPIDOCR = "rapidocr"  # the strong one alone


class TesseractWay(StrEnum):
    """How Tesseract runs."""

    AUTO = "auto"  # in process where tesserocr is installed
    IN_PROCESS = "in-process"
    PROGRAM = "program"


class RapidOcrRuntime(StrEnum):
    """What computes RapidOCR's networks."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"  # quicker a page where the processor has bfloat16, but loaded anew for each document


class Limits(BaseModel):
    """What one file may cost, checked before it is decoded. Sizes in bytes, times in seconds."""

    file_bytes: int = 100 * MEBIBYTE
    pages: int = 500
    page_side_points: float = 14_400.0  # 5.08 m, the largest page that PDF 1.7 allows (ISO 32000-1, annex C)
    render_pixels: int = 60_000_000
    image_pixels: int = 150_000_000
    tiff_frames: int = 500
    attachments: int = 20
    attachment_bytes: int = 20 * MEBIBYTE
    xml_bytes: int = 20 * MEBIBYTE
    inflated_bytes: int = 200 * MEBIBYTE
    memory_bytes: int = 2048 * MEBIBYTE
    page_seconds: float = 120.0
    result_bytes: int = 256 * MEBIBYTE


class Settings(BaseSettings):
    """All that can be set. Every name is also an environment variable: ``PODATELNA_LIMITS__PAGES``."""

    model_config = SettingsConfigDict(
        env_prefix="PODATELNA_", env_nested_delimiter="__", toml_file="podatelna.toml", extra="forbid", frozen=True
    )

    home: Path = Field(Path("data/home"), description="Everything that runs lives here: inbox, work, vault, database.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite inside the home.")
    languages: tuple[str, ...] = Field(
        ("ces", "deu", "eng"), min_length=1, description="Tesseract language codes, most used first."
    )
    engine: Engine = Field(Engine.POLICY, description="policy (RapidOCR where it pays); tesseract or rapidocr alone.")
    tesseract: TesseractWay = Field(TesseractWay.AUTO, description="auto, in-process (tesserocr) or program.")
    rapidocr: RapidOcrRuntime = Field(RapidOcrRuntime.ONNXRUNTIME, description="onnxruntime or openvino.")
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, description="Read so many at once.")
    our_names: tuple[str, ...] = Field((), description="Our own names: the buyer, or the seller of what we issue.")
    our_ids: tuple[str, ...] = Field((), description="Our own VAT and company ids.")
    settle_seconds: float = Field(2.0, ge=0, description="A dropped file must have been quiet for so long.")
    patience_seconds: float = Field(120.0, ge=0, description="An incomplete file is waited for so long, then refused.")
    lease_seconds: float = Field(900.0, gt=0, description="A worker that is silent for so long has lost its document.")
    review_lease_seconds: float = Field(900.0, gt=0, description="A reviewer that is silent for so long has lost it.")
    max_attempts: int = Field(3, ge=1, description="After so many lost workers a document is quarantined.")
    type_threshold: float = Field(0.80, ge=0, le=1, description="So sure must the type be.")
    field_threshold: float = Field(0.85, ge=0, le=1, description="So sure must a required field be.")
    host: str = Field("127.0.0.1", description="Where the desk and the Prefect server listen.")
    desk_port: int = 8800
    prefect_port: int = 4200
    desk_url: str = Field("", description="How browsers reach the desk, behind a proxy say; empty: HOST and DESK_PORT.")
    session_idle_seconds: float = Field(1800.0, gt=0, description="A browser that is silent for so long is signed out.")
    session_seconds: float = Field(43_200.0, gt=0, description="After so long one must sign in again in any case.")
    station_priorities: dict[str, int] = Field(
        {}, description="By station (folder of the inbox): 1 is reviewed first, 9 last; 5 where nothing is said."
    )
    put_aside_hours: float = Field(24.0, gt=0, description="What a reviewer put aside is for everybody again then.")
    four_eyes_above: dict[str, Decimal] = Field(
        {}, description="By currency: above this amount two people must confirm. '*' stands for all other currencies."
    )
    four_eyes_types: tuple[str, ...] = Field((), description="Of these document types two people confirm every one.")
    ingest_every_seconds: int = Field(300, ge=1, description="Schedule of the ingest flow.")
    process_every_seconds: int = Field(120, ge=1, description="Schedule of the process flow.")
    housekeeping_every_seconds: int = Field(3600, ge=1, description="Schedule of the housekeeping flow.")
    chunk_documents: int = Field(50, ge=1, description="So many small documents make one Prefect task.")
    cache_bytes: int = Field(
        1024 * MEBIBYTE, ge=0, description="What was read of pages is kept, so that none is read twice; 0 keeps none."
    )
    limits: Limits = Limits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over ``podatelna.toml``."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{(self.home / 'podatelna.db').absolute()}"

    @field_validator("station_priorities")
    @classmethod
    def _known_priorities(cls, priorities: dict[str, int]) -> dict[str, int]:
        if any(not 1 <= one <= 9 for one in priorities.values()):
            raise ValueError("a priority is a number from 1 (first) to 9 (last)")
        return priorities

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        """Name the driver that we ship where only PostgreSQL is named; refuse databases that we don't speak."""
        scheme, separator, rest = url.partition("://")
        if not url or scheme in ("sqlite", "postgresql+psycopg"):
            return url
        if separator and scheme in ("postgresql", "postgres"):
            return f"postgresql+psycopg://{rest}"
        raise ValueError("it begins with sqlite:/// or postgresql://")

    @property
    def inbox(self) -> Path:
        """Where stations drop files, directly or in a folder of their own."""
        return self.home / "inbox"

    @property
    def work(self) -> Path:
        """Claimed drops that are not yet committed."""
        return self.home / "work"

    @property
    def vault(self) -> Path:
        """The original bytes, each under its SHA-256."""
        return self.home / "vault"

    @property
    def quarantine(self) -> Path:
        """Refused files, each with its ``.reason.txt``."""
        return self.home / "quarantine"

    @property
    def cache(self) -> Path:
        """What was read of pages: a cache, may be deleted at any time."""
        return self.home / "cache"

    @property
    def renditions(self) -> Path:
        """Page images for the desk: a cache, may be deleted at any time."""
        return self.home / "renditions"


def _names() -> list[str]:
    return [*Settings.model_fields, *(f"limits__{name}" for name in Limits.model_fields), "log"]


def _is_ours(variable: str) -> bool:
    return variable.removeprefix("PODATELNA_").lower() in _names()


def _meant(name: str, prefix: str = "") -> str:
    close = difflib.get_close_matches(name.removeprefix("PODATELNA_").lower(), _names(), n=1)
    return f"; did you mean {prefix}{close[0].upper() if prefix else close[0]}?" if close else "."


def load_settings(**overrides: object) -> Settings:
    """Read the settings; ``overrides`` that are None do not count.

    Raises:
        SettingsError: a value is wrong, a name unknown or the file no TOML; the message names it.
    """
    strangers = [name for name in os.environ if name.startswith("PODATELNA_") and not _is_ours(name)]
    if strangers:
        raise SettingsError(
            "\n".join(
                f"The environment variable {name} is no setting of ours{_meant(name, 'PODATELNA_')}"
                for name in strangers
            )
        )
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"podatelna.toml is not TOML: {error}. Texts stand in quotes, for example.") from error
    except MalformedVariable as error:
        raise SettingsError(
            f'{error}. In an environment variable lists and tables are JSON: PODATELNA_LANGUAGES=\'["ces", "eng"]\'.'
        ) from error
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, item['loc']))}: "
            + (f"no such setting{_meant(str(item['loc'][-1]))}" if item["type"] == "extra_forbidden" else item["msg"])
            for item in error.errors(include_input=False)
        ]
        raise SettingsError(
            "The settings can't be used:\n"
            + "\n".join(lines)
            + "\nMend them in podatelna.toml or in the PODATELNA_* environment variables."
        ) from error
