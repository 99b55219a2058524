/**
 * SQL of a moment as JSON has a Date: in UTC, to the millisecond. Left to itself PostgreSQL writes the texts of a JSON object and of a
 * file in the time zone of the connection, which whoever runs the database may have set.
 */
export const momentOf = (sql: string): string =>
  `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
