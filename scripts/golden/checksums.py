#!/usr/bin/env python3
"""Writes test/golden/shared-checksums.json: what pyarrow reads in the shared test files, as sums free of order.

    python scripts/golden/checksums.py [FOLDER]      FOLDER: default ../shared/data beside the repository

Needs pyarrow and numpy; `make fmt` afterwards. Not run by CI; test/e2e/exactness.test.ts compares Postgres with the result.

A column's checksum is the sum over its non-null values of an integer made of the value without loss:
  int bool       the value
  decimal        the value, exactly
  float64/32     the IEEE 754 bits, as a signed integer of that width
  timestamp time microseconds (since 1970); date: days since 1970
  text bytes list  the first 60 bits of the MD5 of the bytes; of array_to_json's text for lists
`rowHash` is the sum over all rows of the first 60 bits of the MD5 of the row's texts joined by '|', NULL as \\N:
it holds the values of a row together, which sums a column do not.
"""
import hashlib
import json
import os
import sys
import urllib.parse

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, '..', 'shared', 'data')

# What parload refuses by name for good: nanoseconds that are no microseconds. The test checks that it does.
EXCLUDED = {
    'shapes/writers/duckdb_types.parquet': {'tns': 'VALUE_REFUSED'},
}
# Columns without a checksum here; test/e2e/edge.test.ts looks at their values.
UNSUMMED = {
    'shapes/writers/duckdb_core.parquet': {'st'},
    'shapes/writers/duckdb_core_v2.parquet': {'st'},
    'shapes/writers/duckdb_types.parquet': {'iv'},
}
FILES = [
    'taxi_like_2024-01.parquet',
    'real/green_2024-01_fenago.parquet',
    'real/nycflights13.parquet',
    'shapes/empty.parquet',
    'shapes/empty_zero_row_groups.parquet',
    'shapes/empty_row_group_in_middle.parquet',
    'shapes/single_row.parquet',
    'shapes/hive',
    'shapes/seed002_100x100x1000.parquet',
    'shapes/wide.parquet',
    'shapes/writers/duckdb_core.parquet',
    'shapes/writers/duckdb_core_v2.parquet',
    'shapes/writers/duckdb_types.parquet',
]
BLOCK_ROWS = 200_000


def md5_60(data):
    return int(hashlib.md5(data).hexdigest()[:15], 16)


def kind_of(t):
    if isinstance(t, pa.BaseExtensionType):
        return 'uuid' if t.extension_name == 'arrow.uuid' else kind_of(t.storage_type)
    if pa.types.is_integer(t):
        return 'int'
    if pa.types.is_boolean(t):
        return 'bool'
    if pa.types.is_float64(t):
        return 'float8'
    if pa.types.is_float32(t):
        return 'float4'
    if pa.types.is_decimal(t):
        return 'decimal'
    if pa.types.is_timestamp(t):
        return 'timestamp'
    if pa.types.is_date(t):
        return 'date'
    if pa.types.is_time(t):
        return 'time'
    if pa.types.is_string(t) or pa.types.is_large_string(t):
        return 'text'
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return 'bytes'
    if pa.types.is_list(t) or pa.types.is_large_list(t):
        return 'list'
    raise SystemExit(f'no checksum for {t}')


def integers(column, kind):
    """Non-lossy int64 of each value, nulls kept; None where the kind is a text or a decimal."""
    if kind == 'int':
        return column if pa.types.is_int64(column.type) else column.cast(pa.int64())
    if kind == 'bool':
        return column.cast(pa.int64())
    if kind in ('float8', 'float4'):
        bits = pa.int64() if kind == 'float8' else pa.int32()
        out = []
        for chunk in column.chunks:
            values = chunk.fill_null(0.0).to_numpy(zero_copy_only=False)
            view = values.view(np.int64 if kind == 'float8' else np.int32)
            out.append(pa.array(view, bits, mask=chunk.is_null().to_numpy(zero_copy_only=False)))
        return pa.chunked_array(out, bits).cast(pa.int64())
    if kind == 'timestamp':
        # Not safe=False: a nanosecond that is no microsecond ends the script.
        return column.cast(pa.timestamp('us', column.type.tz)).cast(pa.int64())
    if kind == 'time':
        return column.cast(pa.time64('us')).cast(pa.int64())
    if kind == 'date':
        return column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    return None


def texts(column, kind):
    """The text of each value as Postgres shows it, nulls kept."""
    if kind == 'text':
        return column.cast(pa.large_string())
    if kind in ('decimal', 'uuid'):
        return pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.large_string())])
    if kind == 'bytes':
        return pa.chunked_array([pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.large_string())])
    if kind == 'list':
        rows = [None if v is None else json.dumps(v, ensure_ascii=False, separators=(',', ':')) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(rows, pa.large_string())])
    return integers(column, kind).cast(pa.large_string())


def sum_of(column, kind):
    whole = integers(column, kind)
    if whole is not None:
        # In blocks and in Python's integers: 64 bits overflow.
        total = 0
        for chunk in whole.chunks:
            values = chunk.drop_null().to_numpy(zero_copy_only=False)
            high = (values >> 32).sum(dtype=np.int64) if len(values) else 0
            low = (values & 0xFFFFFFFF).sum(dtype=np.int64) if len(values) else 0
            total += (int(high) << 32) + int(low)
        return str(total)
    if kind == 'decimal':
        values = [v for v in column.to_pylist() if v is not None]
        return str(sum(values)) if values else '0'
    if kind == 'bytes':
        return str(sum(md5_60(v) for v in column.to_pylist() if v is not None))
    total = 0
    for pair in pc.value_counts(texts(column, kind)).to_pylist():
        if pair['values'] is not None:
            total += md5_60(pair['values'].encode()) * pair['counts']
    return str(total)


def row_hash(table, kinds):
    total = 0
    for at in range(0, table.num_rows, BLOCK_ROWS):
        block = table.slice(at, BLOCK_ROWS)
        parts = [texts(block.column(i), kind).combine_chunks().fill_null('\\N') for i, kind in enumerate(kinds)]
        joined = pc.binary_join_element_wise(*parts, pa.scalar('|', pa.large_string()))
        total += sum(md5_60(row.encode()) for row in joined.to_pylist())
    return str(total)


def hive_table(folder):
    """Read by hand: which keys are integers is parload's rule (canonical, or two digits), not pyarrow's guess."""
    tables = []
    for base, _, names in sorted(os.walk(folder)):
        for name in sorted(n for n in names if n.endswith('.parquet')):
            table = pq.ParquetFile(os.path.join(base, name)).read()
            for part in os.path.relpath(base, folder).split(os.sep):
                key, value = part.split('=', 1)
                value = None if value == '__HIVE_DEFAULT_PARTITION__' else urllib.parse.unquote(value)
                kind = pa.string() if key == 'country' else pa.int64()
                cell = None if value is None else (value if kind == pa.string() else int(value))
                table = table.append_column(key, pa.array([cell] * table.num_rows, kind))
            tables.append(table)
    return pa.concat_tables(tables)


def describe(name):
    path = os.path.join(DATA, name)
    excluded = EXCLUDED.get(name, {})
    table = hive_table(path) if os.path.isdir(path) else pq.ParquetFile(path).read()
    table = table.drop_columns([*excluded, *UNSUMMED.get(name, ())])
    kinds = [kind_of(f.type) for f in table.schema]
    columns = {
        field.name: {'kind': kind, 'nulls': table.column(i).null_count, 'sum': sum_of(table.column(i), kind)}
        for i, (field, kind) in enumerate(zip(table.schema, kinds))
    }
    if len(columns) > 100:
        # Too many to list in full; rowHash has their values.
        columns = [f"{n} {c['kind']} {c['nulls']}" for n, c in columns.items()]
    return {'rows': table.num_rows, 'excluded': excluded, 'columns': columns, 'rowHash': row_hash(table, kinds)}


def main():
    out = {}
    for name in FILES:
        if os.path.exists(os.path.join(DATA, name)):
            out[name] = describe(name)
            print(name, out[name]['rows'], file=sys.stderr)
    target = os.path.join(ROOT, 'test', 'golden', 'shared-checksums.json')
    with open(target, 'w', encoding='utf8') as file:
        json.dump({'madeBy': 'scripts/golden/checksums.py', 'files': out}, file, indent=1, ensure_ascii=False)
        file.write('\n')


main()
