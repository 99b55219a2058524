/** What the edge needs of a logger; pino's fits. Fields never hold bodies, tokens or contacts. */
export interface EdgeLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
