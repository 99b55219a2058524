import { guessMemoType, parseMemo } from './memo';

describe('a memo', () => {
  it.each([
    ['text', 'a'.repeat(28), 'a'.repeat(28)],
    ['text', 'ж'.repeat(14), 'ж'.repeat(14)],
    ['id', '18446744073709551615', '18446744073709551615'],
    ['id', '007', '7'],
    ['hash', 'AB'.repeat(32), 'ab'.repeat(32)],
    ['return', '00'.repeat(32), '00'.repeat(32)],
  ] as const)('of type %s takes %s', (type, given, value) => {
    expect(parseMemo(type, given)).toEqual({ ok: true, value: { type, value } });
  });

  it.each([
    ['text', '', 'memo_empty'],
    ['text', 'a'.repeat(29), 'memo_text_too_long'],
    ['text', 'ж'.repeat(15), 'memo_text_too_long'],
    ['text', '\ud800', 'memo_text_not_unicode'],
    ['id', '18446744073709551616', 'memo_id_not_uint64'],
    ['id', '-1', 'memo_id_not_uint64'],
    ['id', '١', 'memo_id_not_uint64'],
    ['hash', 'ab'.repeat(31), 'memo_hash_not_hex'],
    ['return', 'zz'.repeat(32), 'memo_hash_not_hex'],
  ] as const)('of type %s refuses %j', (type, given, error) => {
    expect(parseMemo(type, given)).toEqual({ ok: false, error });
  });

  it('without a type is an id when it can be one', () => {
    expect([guessMemoType('123'), guessMemoType('ab'.repeat(32)), guessMemoType('hello')]).toEqual([
      'id',
      'hash',
      'text',
    ]);
  });
});
