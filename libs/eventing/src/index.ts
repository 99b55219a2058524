import { eventingTablesMigrations } from './migrations/eventing.migration';
import { eventVacuumMigrations } from './migrations/vacuum.migration';

export const eventingMigrations = [...eventingTablesMigrations, ...eventVacuumMigrations];

export {
  BROKER_SETTINGS,
  type BrokerOptions,
  brokerOptionsOf,
  type BrokerSettings,
  type KafkaBrokerOptions,
} from './broker-options';
export { type ClockJob, ClockJobs } from './clock-jobs';
export { eachTenant } from './each-tenant';
export { type DeadLetter, type DeadLetterStatus } from './dead-letter.repository';
export { type DeadLetterProblem, DeadLetters } from './dead-letters';
export { done, EventHandler, type Outcome, park } from './event-handler';
export { EventRuntime, type EventRuntimeOptions } from './event-runtime';
export { EventingModule } from './eventing.module';
export { createTopics } from './kafka/topics';
export { type EventToPublish, type ListToPublish, Outbox } from './outbox';
export type { RetryPolicy } from './retry-policy';
