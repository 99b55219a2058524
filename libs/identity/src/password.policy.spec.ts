import { brokenPasswordRules } from './password.policy';

describe('a new password', () => {
  it.each(['Password1234!', 'P@ssw0rd2026!', '!!Qwerty!!123', 'Password1!Password1!', 'Iloveyou#2026!'])(
    'is refused when everybody would try it: %s',
    (password) => {
      expect(brokenPasswordRules(password)).toEqual({
        'common password': 'password is determined to be too common',
      });
    },
  );

  it.each(['Correct-horse-7', 'Demo-a8f3e2c1-7x', 'xK9#mQ2$vL5!', 'Dragonfly*over*12*lakes'])(
    'is taken when it only looks a little like one: %s',
    (password) => {
      expect(brokenPasswordRules(password)).toEqual({});
    },
  );

  it('is called common only when it breaks no other rule', () => {
    expect(Object.keys(brokenPasswordRules('password'))).toEqual([
      'uppercase',
      'digit',
      'special character',
      'length',
    ]);
  });
});
