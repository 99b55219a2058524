/** Who did something. */
export interface AuditActor {
  readonly type: 'user' | 'api_key' | 'operator' | 'system';
  /** The id of the user or key; the operator's account name; of the system, the service that answered. */
  readonly id: string;
  /** For people who read the log: the e-mail address, also of who made the key. */
  readonly name: string;
}

/** One thing that was done, before it is in the log. */
export interface AuditRecord {
  readonly actor: AuditActor;
  /** Where the request came from, as the trusted proxies name it; empty for a command. */
  readonly address: string;
  readonly requestId: string;
  /** The route (`PATCH /users/roles`), the command, or the topic and type of the event. */
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One row of the log. */
export interface AuditEntry extends AuditRecord {
  readonly seq: bigint;
  readonly at: Date;
  /** Hexadecimal; of this row and, through it, of all rows before. */
  readonly hash: string;
}
