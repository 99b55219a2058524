import { defineEvent, type EventContract } from '@libs/contracts';
import { z } from 'zod';

const data = z.strictObject({
  n: z.int(),
  /** What the scripted handler does with it. */
  script: z.string().max(50),
});

type TestContract = EventContract<'test-a' | 'test-b', typeof data>;

export interface TestContracts {
  readonly ordered: TestContract;
  readonly free: TestContract;
}

/** Topics of one suite: the broker is shared with other suites. */
export function testContracts(suffix: string): TestContracts {
  const types = ['test-a', 'test-b'] as const;
  return {
    ordered: defineEvent({ topic: `test.ordered.${suffix}`, types, version: 1, data }),
    free: defineEvent({ topic: `test.free.${suffix}`, types, version: 1, data, order: 'none' }),
  };
}
