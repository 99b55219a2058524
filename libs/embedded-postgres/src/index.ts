export { erasePostgres } from './home';
export { PostgresError } from './postgres.errors';
export {
  freePort,
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
  stopLeftoverPostgres,
  SUPERUSER,
} from './start-postgres';
