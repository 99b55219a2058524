import { memorySettings } from './memory-settings';

const GIBIBYTE = 2 ** 30;

describe('the memory of our own PostgreSQL', () => {
  it.each([
    ['an eighth of the machine', 24 * GIBIBYTE, '3072MB'],
    ['as much as PostgreSQL asks for itself on a small one', GIBIBYTE / 2, '128MB'],
    ['no more than is of use on a large one', 512 * GIBIBYTE, '8192MB'],
  ])('is %s', (_which, bytes, sharedBuffers) => {
    expect(memorySettings(bytes)).toEqual({ shared_buffers: sharedBuffers });
  });

  it('is asked of the machine that it runs on', () => {
    expect(memorySettings()['shared_buffers']).toMatch(/^\d{3,4}MB$/);
  });
});
