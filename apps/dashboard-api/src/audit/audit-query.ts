import type { QueryReader } from '@libs/http';
import type { AuditFilter } from '@libs/identity';

export const ACTOR_TYPES = ['user', 'api_key', 'operator', 'system'] as const;

/** The filters of the audit log, the same for the list and for the export. */
export function readAuditFilter(reader: QueryReader): AuditFilter {
  return {
    actorType: reader.oneOf(
      'actor_type',
      ACTOR_TYPES,
      `invalid parameter. valid values are: ${ACTOR_TYPES.join(', ')}`,
    ),
    actorId: reader.text('actor_id'),
    action: reader.text('action'),
    subjectType: reader.text('subject_type'),
    subjectId: reader.text('subject_id'),
    requestId: reader.text('request_id'),
    ...reader.createdBetween(),
  };
}
