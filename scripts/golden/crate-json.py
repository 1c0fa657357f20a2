#!/usr/bin/env python3
"""Writes test/golden/crate-json.json: what Python's json makes of pyarrow's values in ../shared/data/edge, as digests.

    python scripts/golden/crate-json.py [FOLDER]      FOLDER: default ../shared/data beside the repository

Needs pyarrow; `make fmt` afterwards. Not run by CI; test/unit/encoders/crate-json-golden.test.ts compares the rows that
parload writes for CrateDB with the result.

Each value goes through json.dumps and json.loads, and then into a canonical form: `n`, `t`, `f`, `i` and digits, `d` and the
IEEE 754 bits, `s`, length and bytes, lists in [], objects in {} with their keys in order. A digest is the SHA-256 of the
column's values, a line each. What JSON has no word for is written as docs/types.md says: timestamps and dates as
milliseconds since 1970, decimals and uint64 as text, times and durations as ISO 8601, UUIDs with hyphens.

`digest` is under --timestamp-ns truncate and --non-finite null; `refused` says what happens without these policies.
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
PER_SECOND = {'s': 1, 'ms': 10**3, 'us': 10**6, 'ns': 10**9}


class Refused(Exception):
    """A value that no policy lets through."""


class Seen:
    """What a column's values had that needs a policy."""
    refused = False


def fraction(rest, unit):
    digits = {'s': 0, 'ms': 3, 'us': 6, 'ns': 9}[unit]
    return '' if rest == 0 else '.' + str(rest).rjust(digits, '0').rstrip('0')


def clock(ticks, unit):
    seconds, rest = divmod(ticks, PER_SECOND[unit])
    return f'{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction(rest, unit)}'


def span(ticks, unit):
    sign = '-' if ticks < 0 else ''
    seconds, rest = divmod(abs(ticks), PER_SECOND[unit])
    return f'PT{sign}{seconds}{fraction(rest, unit)}S'


def epoch(ticks, unit, seen):
    per = PER_SECOND[unit]
    if per <= 1000:
        return ticks * (1000 // per)
    ms, rest = divmod(ticks, per // 1000)
    seen.refused |= rest != 0
    return ms


def value(scalar, seen):
    """What json.dumps gets; ours where JSON has no word for it."""
    kind = scalar.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == 'arrow.uuid':
            return None if not scalar.is_valid else str(scalar.as_py())
        return value(scalar.value, seen) if scalar.is_valid else None
    if not scalar.is_valid:
        return None
    if pa.types.is_dictionary(kind):
        return value(scalar.dictionary[scalar.index.as_py()], seen)
    if pa.types.is_floating(kind):
        number = float(scalar.as_py())
        if number != number or number in (float('inf'), float('-inf')):
            seen.refused = True
            return None
        return number
    if pa.types.is_decimal(kind):
        return format(scalar.as_py(), 'f')
    if pa.types.is_uint64(kind):
        return str(scalar.as_py())
    if pa.types.is_timestamp(kind):
        return epoch(scalar.value, kind.unit, seen)
    if pa.types.is_date32(kind):
        return scalar.value * 86_400_000
    if pa.types.is_time(kind):
        return clock(scalar.value, kind.unit)
    if pa.types.is_duration(kind):
        return span(scalar.value, kind.unit)
    if pa.types.is_struct(kind):
        return {kind.field(k).name: value(scalar[k], seen) for k in range(kind.num_fields)}
    if pa.types.is_map(kind):
        entries = scalar.values
        keys = [str(key.as_py()) for key in entries.field(0)]
        if len(set(keys)) < len(keys):
            raise Refused()
        return dict(zip(keys, (value(item, seen) for item in entries.field(1))))
    if pa.types.is_nested(kind):
        return [value(item, seen) for item in scalar.values]
    return scalar.as_py()


def canonical(item):
    if item is None:
        return b'n'
    if item is True or item is False:
        return b't' if item else b'f'
    if isinstance(item, int):
        return b'i%d' % item
    if isinstance(item, float):
        return b'd' + struct.pack('>d', item).hex().encode()
    if isinstance(item, str):
        text = item.encode('utf8')
        return b's%d:' % len(text) + text
    if isinstance(item, list):
        return b'[' + b','.join(map(canonical, item)) + b']'
    return b'{' + b','.join(canonical(k) + canonical(v) for k, v in item.items()) + b'}'


def describe(kind):
    """The code that refuses the type in a new table; None: it is taken."""
    if isinstance(kind, pa.BaseExtensionType):
        return None if kind.extension_name == 'arrow.uuid' else describe(kind.storage_type)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return 'TYPE_UNSUPPORTED'
    if pa.types.is_fixed_size_binary(kind):
        return 'TYPE_UNSUPPORTED'
    if pa.types.is_decimal(kind) and kind.precision > 38:
        return 'TYPE_UNSUPPORTED'
    return None


def column(array):
    code = describe(array.type)
    if code is not None:
        return {'refused': code}
    seen = Seen()
    digest = hashlib.sha256()
    try:
        for scalar in array:
            digest.update(canonical(json.loads(json.dumps(value(scalar, seen)))) + b'\n')
    except Refused:
        return {'refused': 'VALUE_REFUSED'}
    return {'digest': digest.hexdigest(), **({'refused': 'VALUE_REFUSED'} if seen.refused else {})}


def main():
    edge = os.path.join(DATA, 'edge')
    names = [os.path.join('types', n) for n in sorted(os.listdir(os.path.join(edge, 'types')))]
    names += [os.path.join('variants', n) for n in sorted(os.listdir(os.path.join(edge, 'variants')))]
    names += ['alltypes_flat.parquet']
    files = {}
    for name in names:
        # nanoseconds of 64 bits would wrap around for far years
        file = pq.ParquetFile(os.path.join(edge, name), coerce_int96_timestamp_unit='us')
        out = {}
        for field in file.schema_arrow:
            try:
                out[field.name] = column(file.read(columns=[field.name]).column(0))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
                print(name, field.name, 'left out:', str(error)[:80], file=sys.stderr)
        files[name] = out
    target = os.path.join(ROOT, 'test', 'golden', 'crate-json.json')
    with open(target, 'w', encoding='utf8') as out:
        json.dump({'madeBy': 'scripts/golden/crate-json.py', 'files': files}, out, indent=1, ensure_ascii=False)
        out.write('\n')


main()
