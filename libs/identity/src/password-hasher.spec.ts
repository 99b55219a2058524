import { PasswordHasher } from './password-hasher';
import { brokenPasswordRules } from './password.policy';

describe('a password', () => {
  const hasher = new PasswordHasher();

  it('is kept as argon2id, matches itself and nothing else', async () => {
    const hash = await hasher.hash('Correct-horse-7');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.matches(hash, 'Correct-horse-7')).toBe(true);
    expect(await hasher.matches(hash, 'Correct-horse-8')).toBe(false);
    expect(await hasher.matches(null, 'Correct-horse-7')).toBe(false);
    expect(await hasher.matches('garbage', 'Correct-horse-7')).toBe(false);
  });

  it('is checked a few at a time, all of them in the end', async () => {
    const hash = await hasher.hash('Correct-horse-7');
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, number) => hasher.matches(hash, `Correct-horse-${String(number)}`)),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
  });

  it('follows the rules, and each broken one is named', () => {
    expect(brokenPasswordRules('Correct-horse-7')).toEqual({});
    expect(Object.keys(brokenPasswordRules(''))).toEqual([
      'lowercase',
      'uppercase',
      'digit',
      'special character',
      'length',
    ]);
    expect(Object.keys(brokenPasswordRules('Correct horse 7 ä'))).toContain('invalid character');
    expect(Object.keys(brokenPasswordRules(`Aa1!${'x'.repeat(125)}`))).toEqual(['length']);
  });
});
