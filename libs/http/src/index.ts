export { DtoPipe, type DtoPipeOptions, readDto } from './dto-pipe';
export { HealthModule, type HealthOptions } from './health.controller';
export { configureHttpEdge, type HttpEdgeOptions } from './http-edge';
export { DEFAULT_PROBLEM_TEXTS, HttpProblem, type ProblemBody } from './http-problem.errors';
export {
  type Answer,
  IdempotencyKeysRepository,
  type IdempotentRequest,
  idempotentRequestOf,
} from './idempotency-keys.repository';
export { httpMigrations } from './migrations/http.migration';
export { pagedList, type PagedList, type Pagination } from './paged-list';
export { ProblemFilter } from './problem.filter';
export { type CreatedBetween, type PageQuery, QueryReader, type SortDirection } from './query-reader';
export { RATE_LIMIT } from './rate-limit';
export { RateLimitRepository, type RateLimitRule, type RateLimitTake } from './rate-limit.repository';
export { releaseVersion } from './release-version';
export { nameTenantOf, routeOf } from './request-metrics';
export { traceOf } from './request-trace';
