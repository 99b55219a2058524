import fc from 'fast-check';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** Values that fit a JSON Schema as zod writes them, leaning to those that take the most bytes. */
export function arbitraryOf(given: unknown): fc.Arbitrary<unknown> {
  const schema = given as Schema;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(arbitraryOf));
  const arbitrary = ARBITRARIES[schema.type ?? ''];
  if (arbitrary === undefined) throw new Error(`no arbitrary for ${JSON.stringify(schema)}`);
  return arbitrary(schema);
}

const ARBITRARIES: Readonly<Record<string, (schema: Schema) => fc.Arbitrary<unknown>>> = {
  object: ({ properties = {} }) =>
    fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, arbitraryOf(property)])),
    ),
  array: ({ items, minItems }) => fc.array(arbitraryOf(items), { minLength: minItems ?? 0, maxLength: 3 }),
  integer: (schema) =>
    fc.oneof(fc.constant(Number.MAX_SAFE_INTEGER), fc.integer({ min: lowestOf(schema), max: 2_000_000_000 })),
  null: () => fc.constant(null),
  string: (schema) => stringOf(schema),
};

const lowestOf = ({ minimum, exclusiveMinimum }: Schema): number =>
  exclusiveMinimum === undefined ? (minimum ?? 0) : exclusiveMinimum + 1;

function stringOf({ format, pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid({ version: 7 });
  if (format === 'date-time') return fc.constant('2026-11-21T10:00:00.000000Z');
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (maxLength === undefined) throw new Error('a text without a limit');
  // A control character takes one place in the text and six bytes in JSON.
  return fc.oneof(
    fc.constant('\u0001'.repeat(maxLength)),
    fc.constant('€'.repeat(maxLength)),
    fc.string({ minLength, maxLength }),
  );
}
