import { refusalOfInitdb } from './postgres.errors';

describe('when no data folder can be made', () => {
  it('a user without an entry in /etc/passwd is told what to do', () => {
    // Word for word what initdb 18 says.
    const said = 'initdb: could not look up effective user ID 54321: user does not exist';
    expect(refusalOfInitdb(said)).toBe(
      'The user with the number 54321, whose process this is, has no entry in /etc/passwd, and PostgreSQL makes no data folder for such a user: give it an entry, start as another user, or set DATABASE_URL.',
    );
  });

  it('everything else is told in the words of PostgreSQL', () => {
    const said = 'initdb: error: could not create directory "/x": No space left on device';
    expect(refusalOfInitdb(said)).toBe(`PostgreSQL could not make its data folder: ${said}`);
  });
});
