import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import { openApiDocument } from '../openapi/open-api-document';

type Json = Record<string, unknown>;

const objectAt = (value: unknown, ...names: readonly string[]): Json | undefined => {
  const found = names.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
  // JSON of our own making: what is an object has names.
  return typeof found === 'object' && found !== null ? (found as Json) : undefined;
};

/** The same schema, in which nothing may stand that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return inner['type'] === 'object' && inner['additionalProperties'] === undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}

export interface Exchange {
  /** Which of the two servers was asked. */
  readonly server: 'staff' | 'operator';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** Compares what the API answers with what its document says. */
export class DocumentedAnswers {
  private readonly document = openApiDocument('test');
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  /** By the schema as it stands in the document: to compile one takes far longer than to use it. */
  private readonly validators = {
    answers: new Map<object, ValidateFunction>(),
    bodies: new Map<object, ValidateFunction>(),
  };
  private readonly paths = Object.entries(objectAt(this.document, 'paths') ?? {}).map(([path, item]) => ({
    path,
    item,
    names: path.split('/').filter((part) => part.startsWith('{')).length,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  }));

  constructor() {
    this.ajv.addSchema({ $id: 'answers', components: closed(objectAt(this.document, 'components')) });
    this.ajv.addSchema({ $id: 'bodies', components: objectAt(this.document, 'components') });
    // The route with the fewest parameters answers, as in the router.
    this.paths.sort((one, other) => one.names - other.names);
  }

  /** What the document does not say; null when the exchange is as documented, or no route of the document. */
  mistake(exchange: Exchange): string | null {
    const path = exchange.path.split('?')[0] ?? '';
    const operation = this.operationOf(exchange, path);
    if (operation === undefined) return null;
    const place = `${exchange.method} ${path} ${String(exchange.status)}`;
    const named = objectAt(operation, 'responses', String(exchange.status));
    const reference: unknown = named?.['$ref'];
    const answer =
      typeof reference === 'string' ? objectAt(this.document, ...reference.split('/').slice(1)) : named;
    if (answer === undefined) return `${place}: this status is not documented`;
    const why = this.answerMistake(answer, exchange) ?? this.bodyMistake(operation, exchange);
    return why === null ? null : `${place}: ${why}`;
  }

  private operationOf({ method, server }: Exchange, path: string): Json | undefined {
    return this.paths
      .filter(({ pattern }) => pattern.test(path))
      .map(({ item }) => objectAt(item, method.toLowerCase()))
      .find((operation) => {
        if (operation === undefined) return false;
        return server === 'operator' || operation['servers'] === undefined;
      });
  }

  /** Nobody who keeps to the document may be refused, so what is accepted must be in it. */
  private bodyMistake(operation: Json, { status, sent }: Exchange): string | null {
    const schema = objectAt(operation, 'requestBody', 'content', 'application/json', 'schema');
    if (status >= 300 || sent === undefined || schema === undefined) return null;
    return this.invalid('bodies', schema, sent);
  }

  private answerMistake(answer: Json, { contentType, body }: Exchange): string | null {
    const content = objectAt(answer, 'content');
    if (content === undefined)
      return contentType === '' ? null : `a body that is not documented (${contentType})`;
    const mediaType = contentType.split(';')[0] ?? '';
    const schema = objectAt(content, mediaType, 'schema');
    if (schema === undefined) {
      const isFile = Object.keys(content).some(
        (type) => type.endsWith('*') || type === 'application/octet-stream',
      );
      return isFile ? null : `the content type ${mediaType} is not documented`;
    }
    return mediaType === 'application/json' ? this.invalid('answers', schema, body) : null;
  }

  private invalid(kind: 'answers' | 'bodies', schema: Json, value: unknown): string | null {
    const known = this.validators[kind];
    const validate =
      known.get(schema) ?? this.ajv.compile(inside(kind, kind === 'answers' ? closed(schema) : schema));
    known.set(schema, validate);
    if (validate(value)) return null;
    return this.ajv.errorsText(validate.errors?.slice(0, 8)) + ` in ${JSON.stringify(value).slice(0, 600)}`;
  }
}

/** The schema with its references pointing into a document that was added under this name. */
const inside = (name: string, schema: unknown): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${name}#/components/`)) as object;
