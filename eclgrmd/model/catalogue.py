"""The formats of the catalogue."""

from enum import StrEnum

__all__ = ["MEDIA_TYPES", "CatalogueFormat"]


class CatalogueFormat(StrEnum):
    """Formats of the catalogue."""

    FITS = "fits"
    VOTABLE = "votable"
    ECSV = "ecsv"
    PARQUET = "parquet"
    """With a VOTable header in its metadata: the IVOA's VOParquet 1.0."""
    CSV = "csv"


MEDIA_TYPES = {
    CatalogueFormat.FITS: "application/fits",
    CatalogueFormat.VOTABLE: "application/x-votable+xml",
    CatalogueFormat.ECSV: "text/csv; charset=utf-8",
    CatalogueFormat.PARQUET: "application/vnd.apache.parquet",
    CatalogueFormat.CSV: "text/csv; charset=utf-8; header=present",
}
"""Media type of each format."""
