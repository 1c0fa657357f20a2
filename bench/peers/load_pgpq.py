"""pyarrow's batches, pgpq's encoder, psycopg's COPY: FILE PGURL TABLE. The table exists and is empty."""

import sys

import psycopg
import pyarrow.parquet as pq
from pgpq import ArrowToPostgresBinaryEncoder

BATCH_ROWS = 65_536

file, url, table = sys.argv[1:4]
parquet = pq.ParquetFile(file)
encoder = ArrowToPostgresBinaryEncoder(parquet.schema_arrow)
columns = ", ".join(f'"{name}"' for name in parquet.schema_arrow.names)
with psycopg.connect(url) as connection, connection.cursor() as cursor:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(encoder.write_header())
        for batch in parquet.iter_batches(BATCH_ROWS):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())
