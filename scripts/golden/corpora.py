#!/usr/bin/env python3
"""Writes test/golden/corpora.json: what pyarrow reads in each of the foreign test files, as a digest a column.

    python scripts/golden/corpora.py [FOLDER]      FOLDER: default ../shared/data beside the repository

Needs pyarrow. Not run by CI; test/corpora/ says how the digests are compared.

The digest of a column is the beginning of the SHA-256 of its name and its cells, one a line, in the order of the file:
  null           null
  integers       the digits; booleans true and false
  floats         hexadecimal IEEE 754 bits, most significant first; every NaN is "nan"
  decimals       the digits with all of the scale's zeros
  text           JSON string; binary: hexadecimal in "
  date           days since 1970; timestamp, time, duration: nanoseconds, of any size
  interval       [months, days, milliseconds], from Parquet's twelve bytes
  list           [a,b]; struct: {"name":value,...} in the order of the schema; map: [[key,value],...]
A column that pyarrow's type hides (INT96 beyond 64-bit nanoseconds) is read a second time in microseconds.
"""
import hashlib
import json
import os
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, '..', 'shared', 'data')
FOLDERS = ('corpora', 'corrupt')
DIGITS = 10
PER_SECOND = {'s': 10**9, 'ms': 10**6, 'us': 10**3, 'ns': 1}


def plain(array):
    """Values of an array without pyarrow's own Python objects: as texts of the words above."""
    t = array.type
    if isinstance(t, pa.BaseExtensionType):
        return plain(array.storage)
    if pa.types.is_dictionary(t):
        return plain(array.dictionary_decode())
    if pa.types.is_null(t):
        return ['null'] * len(array)
    valid = array.is_valid().to_pylist()

    def each(values, word):
        return [word(v) if ok else 'null' for v, ok in zip(values, valid)]

    if pa.types.is_boolean(t):
        return each(array.to_pylist(), lambda v: 'true' if v else 'false')
    if pa.types.is_integer(t):
        return each(array.to_pylist(), str)
    if pa.types.is_floating(t):
        code = {16: '>e', 32: '>f', 64: '>d'}[t.bit_width]
        return each(array.to_pylist(), lambda v: '"nan"' if v != v else f'"{struct.pack(code, v).hex()}"')
    if pa.types.is_decimal(t):
        return each(array.to_pylist(), lambda v: f'{v:f}')
    if pa.types.is_date(t):
        days = array.cast(pa.date32()).view(pa.int32())
        return each(days.to_pylist(), str)
    if pa.types.is_timestamp(t) or pa.types.is_time(t) or pa.types.is_duration(t):
        ticks = array.view(pa.int32() if t.bit_width == 32 else pa.int64())
        return each(ticks.to_pylist(), lambda v: str(v * PER_SECOND[t.unit]))
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t):
        # invalid UTF-8 as it is
        data = array.cast(pa.large_string()).view(pa.large_binary())
        return each(data.to_pylist(), lambda v: json.dumps(v.decode('utf8', 'surrogateescape'), ensure_ascii=True))
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t) or pa.types.is_binary_view(t):
        return each(array.to_pylist(), lambda v: f'"{v.hex()}"')
    if pa.types.is_map(t):
        keys, items = plain(array.keys), plain(array.items)
        base = array.offsets[0].as_py() if len(array) else 0
        return spans(array, valid, [f'[{k},{v}]' for k, v in zip(keys, items)], base)
    if pa.types.is_list(t) or pa.types.is_large_list(t):
        return spans(array, valid, plain(array.values), 0)
    if pa.types.is_fixed_size_list(t):
        values = plain(array.values)
        n = t.list_size
        at = array.offset
        return [f"[{','.join(values[(at + i) * n:(at + i + 1) * n])}]" if ok else 'null' for i, ok in enumerate(valid)]
    if pa.types.is_struct(t):
        columns = [plain(c) for c in array.flatten()]
        names = [json.dumps(f.name, ensure_ascii=True) for f in t]
        rows = zip(*columns) if columns else [()] * len(array)
        return [
            '{' + ','.join(f'{n}:{v}' for n, v in zip(names, row)) + '}' if ok else 'null'
            for row, ok in zip(rows, valid)
        ]
    raise SystemExit(f'no words for {t}')


def spans(array, valid, values, base):
    ends = array.offsets.to_pylist()
    return [f"[{','.join(values[a - base:b - base])}]" if ok else 'null' for a, b, ok in zip(ends, ends[1:], valid)]


INTERVAL = 12


def intervals(array):
    """Parquet's INTERVAL, which pyarrow gives as bytes."""
    return ['null' if v is None else '[%d,%d,%d]' % struct.unpack('<III', v) for v in array.to_pylist()]


def leaf_of(file, name):
    """The Parquet column of a flat root column, or None."""
    schema = file.schema
    for i in range(len(schema)):
        if schema.column(i).path == name:
            return schema.column(i)
    return None


def cells(file, name, column, coarse):
    leaf = leaf_of(file, name)
    out = []
    for k, chunk in enumerate(column.chunks):
        if leaf is not None and leaf.converted_type == 'INTERVAL':
            out += intervals(chunk)
            continue
        words = plain(chunk)
        if leaf is not None and leaf.physical_type == 'INT96' and coarse is not None:
            # wrapped around where 64 bits of nanoseconds end
            micros = plain(coarse.chunks[k])
            words = [w if w == 'null' or int(w) // 1000 == int(m) // 1000 else m for w, m in zip(words, micros)]
        out += words
    return out


def digest(name, words):
    h = hashlib.sha256(json.dumps(name, ensure_ascii=True).encode())
    for word in words:
        h.update(b'\n')
        h.update(word.encode())
    return h.hexdigest()[:DIGITS]


def describe(path):
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        table = file.read()
        table.validate(full=False)
        rows = file.metadata.num_rows
        if table.num_rows != rows:
            return f'pyarrow reads {table.num_rows} rows of {rows}'
        # by position: names may come twice
        coarse = None
        if any(file.schema.column(i).physical_type == 'INT96' for i in range(len(file.schema))):
            coarse = pq.ParquetFile(path, coerce_int96_timestamp_unit='us').read()
        columns = [
            digest(f.name, cells(file, f.name, table.column(i), None if coarse is None else coarse.column(i)))
            for i, f in enumerate(table.schema)
        ]
        return {'rows': rows, 'columns': ' '.join(columns)}
    except (pa.ArrowException, OSError, UnicodeDecodeError, MemoryError, ValueError) as error:
        return f'{type(error).__name__}: {str(error).splitlines()[0][:90] if str(error) else ""}'


def main():
    out = {}
    for folder in FOLDERS:
        for base, _, names in sorted(os.walk(os.path.join(DATA, folder))):
            for name in sorted(names):
                if name.endswith('.json'):
                    continue
                path = os.path.join(base, name)
                key = os.path.relpath(path, DATA)
                out[key] = describe(path)
                if isinstance(out[key], str):
                    print(key, out[key], file=sys.stderr)
    target = os.path.join(ROOT, 'test', 'golden', 'corpora.json')
    with open(target, 'w', encoding='utf8') as file:
        head = {'madeBy': 'scripts/golden/corpora.py', 'pyarrow': pa.__version__}
        file.write(json.dumps(head)[:-1] + ',"files":{\n')
        file.write(',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in out.items()))
        file.write('\n}}\n')


if __name__ == '__main__':
    main()
