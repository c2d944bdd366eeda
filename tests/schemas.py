# SPDX-License-Identifier: Apache-2.0
"""JSON that the program prints, held against the schema that it prints of it.

A published schema lets keys be added.  Here a key that its schema does not describe is an error.
"""
import functools, json, subprocess

import jsonschema  # tools/deps installs it for /usr/bin/python3


def closed(schema):
    """The same schema, which permits no key that it does not name."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: closed(value) for key, value in schema.items()}
    if isinstance(out.get("properties"), dict):
        out.setdefault("additionalProperties", False)
    return out


@functools.lru_cache(maxsize=None)
def validator(program, name):
    schema = json.loads(subprocess.run([program, "schema", name], capture_output=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(closed(schema))


def differences(program, document):
    """What a document has that the schema of its format does not permit, as texts."""
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator(program, document["format"]).iter_errors(document)]


def hold(program, document):
    """The document, which follows its schema."""
    found = differences(program, document)
    assert not found, "\n".join(found[:20])
    return document
