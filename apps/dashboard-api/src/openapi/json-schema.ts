/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, Schema>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const integer: Schema = { type: 'integer' };
export const id: Schema = { type: 'string', format: 'uuid' };
export const moment: Schema = { type: 'string', format: 'date-time' };
export const day: Schema = { type: 'string', format: 'date', examples: ['2026-11-21'] };
export const nothing: Schema = { type: 'null' };
/** Money: seven decimals, never a number. */
export const amount: Schema = { type: 'string', pattern: '^[0-9]+\\.[0-9]{7}$', examples: ['12.5000000'] };
/** A count, as a text. */
export const countText: Schema = { type: 'string', pattern: '^[0-9]+$', examples: ['3'] };
/** A public key of the Stellar network. */
export const address: Schema = { type: 'string', pattern: '^G[A-Z2-7]{55}$' };
/** Anything that JSON can hold under names. */
export const anyObject: Schema = { type: 'object', additionalProperties: true };

export const described = (schema: Schema, description: string): Schema => ({ ...schema, description });
export const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: [...values] });
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, nothing] });
/** A schema that the document names once. */
export const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object with what is always there and what may be. */
export const object = (required: Properties, optional: Properties = {}): Schema => ({
  type: 'object',
  properties: { ...required, ...optional },
  ...(Object.keys(required).length === 0 ? {} : { required: Object.keys(required) }),
});

/** What is always there when `schema`, an object, is sent in a list with links to the other pages. */
export const pageOf = (schema: Schema): Schema =>
  object({
    pagination: object({ pages: integer, total: integer }, { next: text, prev: text }),
    data: listOf(schema),
  });
