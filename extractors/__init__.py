"""From words to typed fields. Pure: no files, no database, no clock."""
