/** PostgreSQL could not be started or stopped. The message is one sentence that a user can act on. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
}

/** What a user is told when the data folder could not be made. `complaint` is what PostgreSQL's `initdb` said. */
export function refusalOfInitdb(complaint: string): string {
  const [, uid] = /could not look up effective user ID (\d+)/.exec(complaint) ?? [];
  if (uid === undefined) return `PostgreSQL could not make its data folder: ${complaint}`;
  return `The user with the number ${uid}, whose process this is, has no entry in /etc/passwd, and PostgreSQL makes no data folder for such a user: give it an entry, start as another user, or set DATABASE_URL.`;
}
