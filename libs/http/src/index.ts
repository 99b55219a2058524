import { httpMigrations as httpTablesMigrations } from './migrations/http.migration';
import { rateLimitMigrations } from './migrations/rate-limit.migration';
import { rateLimitUpdateMigrations } from './migrations/rate-limit-update.migration';

export { DtoPipe, type DtoPipeOptions, readDto } from './dto-pipe';
export { HealthModule, type HealthOptions } from './health.controller';
export { configureHttpEdge, type HttpEdgeOptions } from './http-edge';
export { HttpProblem, type ProblemBody } from './http-problem.errors';
export {
  type Answer,
  IdempotencyKeysRepository,
  type IdempotentRequest,
  idempotentRequestOf,
} from './idempotency-keys.repository';
export { parseJsonField } from './json-depth';
export { whenBodyIsLost } from './lost-body';
export { pagedList, type PagedList, type Pagination } from './paged-list';
export {
  type CreatedBetween,
  END_OF_DAYS,
  PAGE_LIMIT_DEFAULT,
  type PageQuery,
  QueryReader,
  type SortDirection,
} from './query-reader';
export { type RateLimitOptions } from './rate-limit';
export {
  type RateLimitOrder,
  RateLimitRepository,
  type RateLimitRule,
  rateLimitRuleOf,
  type RateLimitTake,
} from './rate-limit.repository';
export { releaseVersion } from './release-version';
export { nameTenantOf } from './request-metrics';
export { traceOf } from './request-trace';
export { StallWatch } from './stall-watch';

export const httpMigrations = [...httpTablesMigrations, ...rateLimitMigrations, ...rateLimitUpdateMigrations];
