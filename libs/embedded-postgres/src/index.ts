export { erasePostgres } from './home';
export { PostgresError } from './postgres.errors';
export {
  findPostgres,
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
  stopLeftoverPostgres,
} from './start-postgres';
