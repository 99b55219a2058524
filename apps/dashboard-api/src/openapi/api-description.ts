import { day, described, integer, oneOf, type Schema, text } from './json-schema';

export interface DescribedAnswer {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: Schema;
  /** `application/json` where nothing is said. */
  readonly mediaType?: string;
}

export interface DescribedBody {
  readonly schema: Schema;
  /** `application/json` where nothing is said. */
  readonly mediaTypes?: readonly string[];
  readonly optional?: true;
  /** The same as a multipart form, where the route takes both. */
  readonly form?: Schema;
}

/** What the document says of a route. Who may call it stands in `access/route-access.ts`. */
export interface RouteDescription {
  readonly summary: string;
  readonly details?: string;
  readonly query?: Readonly<Record<string, Schema>>;
  /** Headers that the route reads; a name ending in `*` must be there. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: DescribedBody;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  /** Refusals beside those that every route has. All of them have the same form, `Problem`. */
  readonly refusals?: Readonly<Record<number, string>>;
}

export interface ApiDescription {
  readonly tag: string;
  readonly schemas: Readonly<Record<string, Schema>>;
  /** By method and path, as `GET /payments/:id`. */
  readonly routes: Readonly<Record<string, RouteDescription>>;
}

export const json = (schema: Schema, description = 'Done.'): DescribedAnswer => ({ description, schema });
export const file = (mediaType: string, description: string): DescribedAnswer => ({
  description,
  mediaType,
  schema: { type: 'string', format: 'binary' },
});
export const empty: DescribedAnswer = { description: 'Done; the answer has no body.' };

export const PAGE_QUERY: Readonly<Record<string, Schema>> = {
  page: { ...integer, minimum: 1, default: 1 },
  page_limit: { ...integer, minimum: 1, maximum: 100, default: 20 },
};
export const CREATED_QUERY: Readonly<Record<string, Schema>> = {
  created_at_after: described(day, 'The first day that counts.'),
  created_at_before: described(day, 'The last day that counts.'),
};
export const sortQuery = (fields: readonly string[], fallback: string): Readonly<Record<string, Schema>> => ({
  sort: { ...oneOf(fields), default: fallback },
  direction: { ...oneOf(['asc', 'desc']), description: 'Capital letters are taken, too.' },
});
export const SEARCH_QUERY: Readonly<Record<string, Schema>> = { q: text };
export const IDEMPOTENCY_HEADER: Readonly<Record<string, string>> = {
  'Idempotency-Key':
    'From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409.',
};
