export {
  type Broker,
  type BrokerOptions,
  brokerProcess,
  findBroker,
  killBroker,
  startBroker,
  stopBroker,
} from './broker';
export type { Certificates } from './certificates';
export { LocalKafkaError } from './local-kafka.errors';
export { whatIsMissing } from './programs';
export { kafkaFolder } from './project-folder';
