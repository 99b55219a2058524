import { whatIsMissing } from '@libs/local-kafka';

export interface KafkaSuiteOptions {
  /** The suite starts, stops or kills a broker of its own, so BROKER_URLS alone does not do. */
  readonly ownBroker?: boolean;
}

/**
 * A suite that needs Kafka: it runs where BROKER_URLS names a broker or this machine can start one.
 *
 * Elsewhere it is left out, which the run says in one line; with CI=true that is a failure instead.
 */
export function describeWithKafka(title: string, suite: () => void, options: KafkaSuiteOptions = {}): void {
  const reason = whyKafkaIsLeftOut(options);
  if (reason === undefined) {
    describe(title, suite);
  } else if (isCi()) {
    it(`${title}: has a Kafka broker`, () => {
      throw new Error(`The Kafka suites must not be left out in CI. ${reason}`);
    });
  } else {
    describe.skip(`${title} (left out: ${reason})`, suite);
  }
}

/** One sentence, or undefined when suites with Kafka can run. */
export function whyKafkaIsLeftOut({ ownBroker = false }: KafkaSuiteOptions = {}): string | undefined {
  if (!ownBroker && brokerUrls() !== undefined) return undefined;
  return whatIsMissing();
}

/** The brokers that were given for the tests, if any. */
export function brokerUrls(): string | undefined {
  const given = process.env['BROKER_URLS'];
  return given === undefined || given === '' ? undefined : given;
}

const isCi = (): boolean => process.env['CI'] === 'true';
