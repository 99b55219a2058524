import fc from 'fast-check';

import type { Schema } from '../openapi/json-schema';

/** What no route expects anywhere. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2],
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u202egnp.exe',
    '💥',
    '٣',
    '1e5',
    '-0.0000001',
    'NaN',
    'null',
    'true',
  ],
  ...[
    "'; DROP TABLE users; --",
    '../../etc/passwd',
    '{{.OrganizationName}}',
    '<script>alert(1)</script>',
    '=1+1',
  ],
  'x'.repeat(70_000),
  ...[[], [[]], [null], {}, { id: {} }, { length: 3 }, { toString: 1 }],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}') as unknown,
  Array.from({ length: 3_000 }, () => 'x'),
];

/** `{"a":[[[…` of this depth, as a JSON text. */
export const nestedJson = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** Values that a schema allows, as far as it says so itself. */
export function valueOf(
  schema: Schema,
  named: (name: string) => Schema,
  ids: readonly string[],
): fc.Arbitrary<unknown> {
  const inner = (one: unknown): fc.Arbitrary<unknown> => valueOf(one as Schema, named, ids);
  const reference = schema['$ref'];
  if (typeof reference === 'string') return inner(named(reference.split('/').at(-1) ?? ''));
  if (Array.isArray(schema['anyOf'])) return fc.oneof(...schema['anyOf'].map(inner));
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['examples'])) return fc.constantFrom(...(schema['examples'] as unknown[]));
  switch (schema['type']) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
      const required = (schema['required'] ?? []) as string[];
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)])),
        { requiredKeys: required },
      );
    }
    case 'array':
      return fc.array(inner(schema['items']), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: 0, max: 400 });
    case 'null':
      return fc.constant(null);
    default:
      return schema['format'] === 'uuid'
        ? fc.constantFrom(...ids)
        : fc.oneof(fc.constantFrom(...ids), fc.string({ maxLength: 20 }), fc.emailAddress());
  }
}

/** Values of another type than any that a body's field may have, for readers that do not look at the type first. */
const WRONG_TYPES: readonly unknown[] = [{ toString: 1 }, [{}], -1.5, 'a\u0000b'];

/** The body again for each of its fields and each wrong type in it. */
export const eachFieldWronged = (body: unknown): readonly unknown[] =>
  typeof body !== 'object' || body === null
    ? WRONG_TYPES
    : Object.keys(body).flatMap((name) => WRONG_TYPES.map((value) => ({ ...body, [name]: value })));

/** The same body with one thing wrong in it: another type, nothing, something more, something huge. */
export function wronged(body: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(body, fc.nat(), fc.constantFrom(...HOSTILE), fc.boolean())
        .map(([given, at, value, leave]) => {
          if (typeof given !== 'object' || given === null) return value;
          const names = [...Object.keys(given), 'unknown_field'];
          const name = names[at % names.length] ?? '';
          const rest = Object.fromEntries(Object.entries(given).filter(([one]) => one !== name));
          return leave ? rest : { ...rest, [name]: value };
        }),
    },
    { weight: 2, arbitrary: body },
  );
}
