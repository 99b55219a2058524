export { HUMAN_TOKEN, LocalRecaptcha, tokenWithScore } from './captcha/local-recaptcha';
export { describeWithKafka, type KafkaSuiteOptions } from './kafka/describe-with-kafka';
export { ownBroker, sharedBroker } from './kafka/test-broker';
export { everyMigration } from './postgres/every-migration';
export { OwnServer } from './postgres/own-server';
export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './postgres/test-database';
export { type TwoTenants } from './tenancy/leaks-between-tenants';
export { twoTenantSuite } from './tenancy/two-tenants.contract';
export { type TestRun, testRun } from './postgres/test-run';
