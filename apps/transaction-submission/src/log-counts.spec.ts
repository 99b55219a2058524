import { type Logger, MetricsRegistry } from '@libs/observability';

import { countingLogger } from './log-counts';

describe('what is logged', () => {
  it('is counted by how bad it is, and logged all the same', async () => {
    const said: string[] = [];
    const say =
      (level: string) =>
      (_: object, message: string): void => {
        said.push(`${level}: ${message}`);
      };
    const logger: Logger = {
      fatal: say('fatal'),
      error: say('error'),
      warn: say('warn'),
      info: say('info'),
      debug: say('debug'),
    };
    const metrics = new MetricsRegistry();
    const counting = countingLogger(logger, metrics);
    expect(await metrics.text()).toMatch(/^tss_log_panic_total 0$/m);
    counting.warn({}, 'careful');
    counting.error({}, 'broken');
    counting.error({}, 'broken again');
    counting.info({}, 'news');
    expect(said).toEqual(['warn: careful', 'error: broken', 'error: broken again', 'info: news']);
    const text = await metrics.text();
    expect(text).toMatch(/^tss_log_warn_total 1$/m);
    expect(text).toMatch(/^tss_log_error_total 2$/m);
    expect(text).toMatch(/^tss_log_panic_total 0$/m);
  });
});
