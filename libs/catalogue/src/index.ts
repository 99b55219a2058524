export { catalogueMigrations } from './migrations/catalogue.migration';
