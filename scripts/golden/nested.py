#!/usr/bin/env python3
"""Writes test/golden/nested/*.parquet: nested columns of odd shapes, and what pyarrow reads in them as digests (nested.json).

    python scripts/golden/nested.py

Needs pyarrow. Not run by CI; test/unit/parquet/nested.test.ts reads the files. Digests are those of corpora.py.
"""
import decimal
import json
import os
import random

import pyarrow as pa
import pyarrow.parquet as pq

import corpora

FOLDER = os.path.join(corpora.ROOT, 'test', 'golden', 'nested')
ROWS = 60
R = random.Random(5)

required = lambda t: pa.field('element', t, nullable=False)
pair = pa.struct([pa.field('x', pa.int32()), pa.field('s', pa.string())])
TYPES = {
    'list_list_list': pa.list_(pa.list_(pa.list_(pa.int16()))),
    'list_required': pa.list_(required(pa.int64())),
    'list_struct_map': pa.list_(pa.struct([pa.field('m', pa.map_(pa.string(), pa.float64())), pa.field('k', pa.int8())])),
    'large_list_list': pa.large_list(pa.list_(required(pa.string()))),
    'map_null_values': pa.map_(pa.int32(), pa.decimal128(9, 2)),
    'map_of_map': pa.map_(pa.string(), pa.map_(pa.int32(), pa.list_(pa.bool_()))),
    'map_of_struct': pa.map_(pa.string(), pair),
    'struct_struct': pa.struct([pa.field('a', pa.struct([pa.field('b', pa.struct([pa.field('c', pa.date32())]))]))]),
    'struct_of_lists': pa.struct([pa.field('l', pa.list_(pa.binary())), pa.field('p', pair, nullable=False)]),
    'list_of_decimals': pa.list_(pa.decimal128(30, 3)),
    'list_of_pairs': pa.list_(pair),
    'text': pa.string(),
}
NEVER_NULL = {'list_required', 'map_of_struct'}
FILES = {
    'v1-tiny-pages': dict(data_page_version='1.0', data_page_size=64, write_batch_size=3, compression='snappy'),
    'v1-index': dict(data_page_version='1.0', data_page_size=64, write_batch_size=7, compression='none', write_page_index=True),
    'v2-checksums': dict(data_page_version='2.0', data_page_size=200, write_batch_size=5, compression='zstd', write_page_checksum=True),
    'plain-old-names': dict(use_dictionary=False, use_compliant_nested_type=False, compression='lz4', store_schema=False),
    'tiny-row-groups': dict(row_group_size=7, compression='gzip'),
}


def value(t, nullable):
    if nullable and R.random() < 0.25:
        return None
    if pa.types.is_struct(t):
        return {f.name: value(f.type, f.nullable) for f in t}
    if pa.types.is_map(t):
        return [(value(t.key_type, False), value(t.item_type, True)) for _ in range(R.choice([0, 1, 2, 3]))]
    if pa.types.is_list(t) or pa.types.is_large_list(t):
        return [value(t.value_type, t.value_field.nullable) for _ in range(R.choice([0, 0, 1, 2, R.randint(0, 6)]))]
    if pa.types.is_boolean(t):
        return R.random() < 0.5
    if pa.types.is_floating(t):
        return R.choice([0.0, -0.0, float('inf'), R.random()])
    if pa.types.is_decimal(t):
        return decimal.Decimal(R.randint(-(10**6), 10**6)).scaleb(-t.scale)
    if pa.types.is_binary(t):
        return bytes(R.randrange(256) for _ in range(R.randint(0, 4)))
    if pa.types.is_string(t):
        return R.choice(['', 'a', 'äß', 'same', 'x' * R.randint(0, 20)])
    return R.randint(0, 100)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    fields = [pa.field(name, t, nullable=name not in NEVER_NULL) for name, t in TYPES.items()]
    columns = [pa.array([value(f.type, f.nullable) for _ in range(ROWS)], type=f.type) for f in fields]
    table = pa.table(columns, schema=pa.schema(fields))
    files = {}
    for name, options in FILES.items():
        path = os.path.join(FOLDER, f'{name}.parquet')
        pq.write_table(table, path, **options)
        files[name] = corpora.describe(path)
        assert isinstance(files[name], dict), files[name]
    with open(os.path.join(FOLDER, 'nested.json'), 'w', encoding='utf8') as file:
        json.dump({'madeBy': 'scripts/golden/nested.py', 'pyarrow': pa.__version__, 'files': files}, file, indent=1)
        file.write('\n')


main()
