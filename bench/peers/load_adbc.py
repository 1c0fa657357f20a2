"""ADBC's Postgres driver, batches streamed: FILE PGURL TABLE. The table exists and is empty."""

import sys

import adbc_driver_postgresql.dbapi as postgres
import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 65_536

file, url, table = sys.argv[1:4]
parquet = pq.ParquetFile(file)
batches = pa.RecordBatchReader.from_batches(parquet.schema_arrow, parquet.iter_batches(BATCH_ROWS))
with postgres.connect(url) as connection, connection.cursor() as cursor:
    cursor.adbc_ingest(table, batches, mode="append")
    connection.commit()
