export { erasePostgres } from './home';
export { PostgresError } from './postgres.errors';
export {
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
  stopLeftoverPostgres,
} from './start-postgres';
