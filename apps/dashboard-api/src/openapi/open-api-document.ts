import { type PublicRoute, PUBLIC_ROUTES, STAFF_ROUTES, type StaffRoute } from '../access/route-access';
import type { ApiDescription, DescribedAnswer, RouteDescription } from './api-description';
import { API_DESCRIPTIONS, OPERATOR_DESCRIPTION } from './api-descriptions';
import { named, object, type Schema, text } from './json-schema';

type Json = Record<string, unknown>;

const PROBLEM = object(
  { error: { ...text, description: 'What is wrong, for a person.' } },
  {
    extras: {
      type: 'object',
      additionalProperties: true,
      description: 'What is wrong, by field, or by line of a file.',
    },
    error_code: text,
    extras_codes: { type: 'array', items: text },
  },
);
const REFUSED = {
  description: 'The request is not done.',
  content: contentOf(named('Problem'), ['application/json']),
};
const TOO_MANY = {
  description: 'Too many requests, or too many failed attempts. `Retry-After` says how many seconds to wait.',
  headers: { 'Retry-After': { schema: { type: 'integer' } } },
  content: {
    ...contentOf(text, ['text/plain']),
    ...contentOf(named('Problem'), ['application/json']),
  },
};

const PARAMETER = /:([a-zA-Z_]+)/g;

/** Everything that staff and operators can call, as OpenAPI 3.1. It is the same for each installation. */
export function openApiDocument(version: string): Json {
  // One that nobody described is left out here, and turns openapi.int-spec.ts red.
  const staff = [...STAFF_ROUTES, ...PUBLIC_ROUTES].flatMap((access) => {
    const key = `${access.method} ${access.path}`;
    return API_DESCRIPTIONS.flatMap(({ tag, routes }) => {
      const description = routes[key];
      return description === undefined ? [] : [{ key, tag, description, access }];
    });
  });
  const operator = Object.entries(OPERATOR_DESCRIPTION.routes).map(([key, description]) => ({
    key,
    tag: OPERATOR_DESCRIPTION.tag,
    description,
    access: null,
  }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Distributary',
      version,
      description:
        'What staff, programs with an API key, and operators can call. Amounts are texts with seven decimals. ' +
        'A refusal is a `Problem`: `error` for a person, `extras` by field.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The staff API of an organisation' }],
    tags: [...API_DESCRIPTIONS, OPERATOR_DESCRIPTION].map(({ tag }) => ({ name: tag })),
    paths: pathsOf([...staff, ...operator]),
    components: {
      schemas: Object.assign(
        { Problem: PROBLEM },
        ...[...API_DESCRIPTIONS, OPERATOR_DESCRIPTION].map(({ schemas }: ApiDescription) => schemas),
      ) as Json,
      responses: { Refused: REFUSED, TooMany: TOO_MANY },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The token of `POST /login` or `POST /mfa`. It ends after 15 minutes.',
        },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'The text of an API key, as it was shown once.',
        },
        operator: { type: 'http', scheme: 'basic', description: 'ADMIN_ACCOUNT and ADMIN_API_KEY.' },
      },
    },
  };
}

interface Operation {
  readonly key: string;
  readonly tag: string;
  readonly description: RouteDescription;
  /** Null for the operator's routes. */
  readonly access: StaffRoute | PublicRoute | null;
}

function pathsOf(operations: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.key.split(' ');
    const item = (paths[path.replaceAll(PARAMETER, '{$1}')] ??= {});
    // Health is asked of both servers, with one answer.
    item[method.toLowerCase()] ??= operationOf(operation, method, path);
  }
  return paths;
}

function operationOf({ tag, description, access }: Operation, method: string, path: string): Json {
  const isStaff = access !== null && 'permission' in access;
  const names = [...path.matchAll(PARAMETER)].map(([, name]) => name ?? '');
  const body = description.body;
  return {
    tags: [tag],
    operationId: operationIdOf(method, path),
    summary: description.summary,
    ...(description.details === undefined ? {} : { description: description.details }),
    ...(isStaff ? accessOf(access) : {}),
    security: isStaff
      ? [
          { token: [] },
          ...(access.person === true ? [] : [{ apiKey: [] }]),
          // The refresh token is in a cookie or in the body: nothing else says who asks.
          ...(access.byRefreshToken === true ? [{}] : []),
        ]
      : access === null
        ? [{ operator: [] }]
        : [],
    ...(access === null
      ? { servers: [{ url: 'http://localhost:8003', description: 'The operator’s port' }] }
      : {}),
    parameters: parametersOf(description, names, access),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: {
              ...contentOf(body.schema, body.mediaTypes ?? ['application/json']),
              ...(body.form === undefined ? {} : contentOf(body.form, ['multipart/form-data'])),
            },
          },
        }),
    responses: responsesOf(description, { method, hasParameters: names.length > 0 }, access),
  };
}

function accessOf(route: StaffRoute): Json {
  return {
    'x-permission': route.permission,
    'x-roles': route.roles,
    ...(route.person === true ? { 'x-person-only': true } : {}),
    ...(route.stepUp === true ? { 'x-second-factor': 'fresh' } : {}),
  };
}

/** `GET /receivers/:id` is `getReceiversById`. */
function operationIdOf(method: string, path: string): string {
  const words = path.split('/').filter((word) => word !== '');
  const name = words.map((word) => {
    const isParameter = word.startsWith(':');
    const camel = word
      .replace(':', '')
      .replaceAll(/[-_.]([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
    return `${isParameter ? 'By' : ''}${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
  });
  return `${method.toLowerCase()}${name.join('')}`;
}

function parametersOf(
  description: RouteDescription,
  pathNames: readonly string[],
  access: Operation['access'],
): Json[] {
  const headers = {
    ...(access !== null && mayLackTenant(access)
      ? { 'SDP-Tenant-Name': 'The organisation, where neither the host nor a token names it.' }
      : {}),
    ...description.headers,
  };
  return [
    ...pathNames.map((name) => ({ name, in: 'path', required: true, schema: text })),
    ...Object.entries(description.query ?? {}).map(([name, schema]) => ({ name, in: 'query', schema })),
    ...Object.entries(headers).map(([name, why]) => ({
      name: name.replace('*', ''),
      in: 'header',
      description: why,
      required: name.endsWith('*'),
      schema: text,
    })),
  ];
}

/** A token names its organisation, an API key does not. */
const mayLackTenant = (access: StaffRoute | PublicRoute): boolean =>
  'permission' in access ? access.person !== true : access.tenant === 'required';

function responsesOf(
  description: RouteDescription,
  { method, hasParameters }: { readonly method: string; readonly hasParameters: boolean },
  access: Operation['access'],
): Json {
  const isStaff = access !== null && 'permission' in access;
  // A malformed body or address is refused also where none is asked for; of a GET no body is read.
  const takesInput = hasParameters || method !== 'GET' || description.query !== undefined;
  const refusals: Record<number, string> = {
    ...(takesInput || (access !== null && !isStaff && access.tenant === 'required')
      ? { 400: 'The request is wrong; `error` and `extras` say where.' }
      : {}),
    ...(isStaff || access === null ? { 401: 'No token or key, or one that does not count any more.' } : {}),
    ...(isStaff ? { 403: 'The caller’s role or key does not allow this.' } : {}),
    ...(method !== 'GET'
      ? { 413: 'The body is too large.', 415: 'The content type or encoding is not supported.' }
      : {}),
    ...description.refusals,
    500: 'A defect of ours or an outage. Nothing was done, or it is safe to repeat.',
    503: 'Something that is needed does not answer at the moment. Try again.',
  };
  return {
    ...Object.fromEntries(
      Object.entries(description.answers).map(([status, answer]) => [status, answerOf(answer)]),
    ),
    ...Object.fromEntries(
      Object.entries(refusals).map(([status, why]) => [
        status,
        { $ref: '#/components/responses/Refused', description: why },
      ]),
    ),
    ...(access === null ? {} : { 429: { $ref: '#/components/responses/TooMany' } }),
  };
}

function answerOf({ description, schema, mediaType }: DescribedAnswer): Json {
  if (schema === undefined) return { description };
  return { description, content: contentOf(schema, [mediaType ?? 'application/json']) };
}

function contentOf(schema: Schema, mediaTypes: readonly string[]): Json {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}
