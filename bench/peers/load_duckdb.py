"""DuckDB with its postgres extension: FILE PGURL TABLE. The table exists and is empty."""

import glob
import os
import sys

import duckdb

file, url, table = sys.argv[1:4]
connection = duckdb.connect()
try:
    # The extension as a Python package, where there is one: no download.
    import duckdb_extension_postgres_scanner as package

    found = glob.glob(os.path.join(os.path.dirname(package.__file__), "extensions", "*", "*.duckdb_extension"))
    connection.execute(f"LOAD '{found[0]}'")
except ImportError:
    connection.execute("INSTALL postgres")
    connection.execute("LOAD postgres")
connection.execute(f"ATTACH '{url}' AS pg (TYPE postgres)")
connection.execute(f"INSERT INTO pg.public.{table} SELECT * FROM read_parquet('{file}')")
