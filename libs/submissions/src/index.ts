export { submissionsMigrations } from './migrations/submissions.migration';
