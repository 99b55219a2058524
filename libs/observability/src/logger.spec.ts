import { createLogger, type Logger } from './logger';
import { NestLogger } from './nest-logger';
import { newTrace, traceIdOf, withTrace } from './trace';

const inUtc: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const SEED = `S${'A'.repeat(55)}`;
const ACCOUNT = `G${'A'.repeat(55)}`;
/** Made up by us, each of them a thing that must never be in a log. */
const CANARIES = [
  '+14155550142',
  'maria.canary@example.org',
  SEED,
  'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl',
  'canary-password',
  'canary-date-1990-02-03',
  'canary-code-834211',
];

function captured(level: 'info' | 'debug' = 'info'): {
  logger: Logger;
  lines: () => Record<string, unknown>[];
  text: () => string;
} {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  return {
    logger: createLogger({ app: 'test', level, destination }),
    lines: () =>
      text
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => text,
  };
}

describe('a log line', () => {
  it('is one JSON object with time in UTC, level, app, tenant and trace', () => {
    const { logger, lines } = captured();
    const trace = newTrace();
    withTrace({ tenantId: 'the-tenant', trace }, () =>
      logger.info({ count: 3, total: 10n }, 'rows were written'),
    );
    expect(lines()).toEqual([
      {
        level: 'info',
        time: inUtc,
        app: 'test',
        pid: process.pid,
        tenant_id: 'the-tenant',
        trace_id: traceIdOf(trace),
        count: 3,
        total: '10',
        message: 'rows were written',
      },
    ]);
  });

  it('stays one line whatever its texts hold', () => {
    const { logger, lines } = captured();
    logger.warn({ name: 'a\nb\r{"level":"error"}' }, 'first\nsecond');
    expect(lines()).toHaveLength(1);
  });

  it('is not written below the level that was asked for', () => {
    const { logger, lines } = captured('info');
    logger.debug({}, 'detail');
    logger.info({}, 'news');
    expect(lines().map(({ message }) => message)).toEqual(['news']);
  });

  it('keeps code and constraint of a database error, and drops the detail that repeats the row', () => {
    const { logger, lines, text } = captured();
    const error = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      constraint: 'receivers_phone',
      detail: 'Key (phone_number)=(+14155550142) already exists.',
    });
    logger.error({ error }, 'not written');
    expect(lines()[0]).toMatchObject({ error: { code: '23505', constraint: 'receivers_phone' } });
    expect(text()).not.toContain('4155550142');
  });

  it.each(CANARIES)('never shows %s, wherever it hides', (canary) => {
    const { logger, text } = captured();
    const shown = /[@+]|^S[A-Z]|^eyJ/.test(canary);
    logger.info(
      {
        phone_number: canary,
        email: canary,
        password: canary,
        otp: canary,
        verification: canary,
        dateOfBirth: canary,
        headers: { authorization: `Bearer ${canary}`, cookie: canary },
        deep: { list: [{ receiver: { contact: canary, token: canary, private_key: canary } }] },
        body: canary,
        // What no name gives away is known by its look.
        note: shown ? `about ${canary}.` : 'nothing',
        error: new Error(shown ? `refused ${canary}` : 'refused', {
          cause: new Error(shown ? canary : 'why'),
        }),
      },
      shown ? `for ${canary}` : 'nothing to see',
    );
    expect(text()).not.toContain(canary);
  });

  it('hides the password of an address and shows the rest of it', () => {
    const { logger, text } = captured();
    logger.info({ url: 'postgres://app:canary-password@db:5432/main' }, 'connecting');
    expect(text()).toContain('postgres://app:[redacted]@db:5432/main');
  });

  it('shows what is public: ledger addresses, hashes, ids, the network', () => {
    const { logger, text } = captured();
    const hash = 'ab'.repeat(32);
    const fields = { account: ACCOUNT, hash, network_passphrase: 'Test SDF Network ; September 2015' };
    logger.info({ ...fields, id: '018f3a54-0000-7000-8000-000000000000' }, 'sent');
    for (const value of [...Object.values(fields), '018f3a54-0000-7000-8000-000000000000']) {
      expect(text()).toContain(value);
    }
  });

  it('has a bounded size', () => {
    const { logger, text } = captured();
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    logger.info(
      { long: 'x'.repeat(1_000_000), many: Array.from({ length: 10_000 }, () => 1), endless },
      'big',
    );
    expect(text().length).toBeLessThan(20_000);
  });
});

describe('the framework', () => {
  it('logs through ours, its chatter as debug', () => {
    const { logger, lines } = captured('debug');
    const nest = new NestLogger(logger);
    nest.log('Nest application successfully started', 'NestApplication');
    nest.error(new Error('broken'), 'stack\n at x', 'Router');
    nest.warn({ reason: 'odd' });
    expect(lines().map(({ level, message, context }) => [level, message, context])).toEqual([
      ['debug', 'Nest application successfully started', 'NestApplication'],
      ['error', 'broken', 'Router'],
      ['warn', '{"reason":"odd"}', undefined],
    ]);
  });
});
