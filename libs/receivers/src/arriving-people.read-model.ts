/** Uploads that brought people and are not published: a few at most. Asked once per statement, in its own snapshot. */
const UNPUBLISHED = `(SELECT ARRAY(
      SELECT j.id FROM disbursements.upload_jobs j
       WHERE j.tenant_id = (SELECT current_tenant()) AND j.brought_people AND j.state <> 'PUBLISHED'))::uuid[]`;

/**
 * SQL: that a row of receivers, receiver wallets, verification values or address owners is there for readers, `row` being its
 * alias: no file brought it, or one that did is published. The people of a large file arrive in many database transactions; by
 * this condition all of them are seen from the same moment on as their payments.
 */
export const isPublished = (row: string): string =>
  `(${row}.brought_by IS NULL OR ${row}.brought_by <> ALL (${UNPUBLISHED}) OR NOT ${row}.shared_with <@ ${UNPUBLISHED})`;

/** SQL: the same of an arriving verification value or address, which no other upload can share. */
export const isOfPublished = (row: string): string => `${row}.upload_id <> ALL (${UNPUBLISHED})`;

/** SQL: when the upload of the arriving verification value `a` was published. It is being so in this database transaction, if that is not written yet. */
export const PUBLICATION = `(
  SELECT coalesce((SELECT j.ended_at FROM disbursements.upload_jobs j WHERE j.tenant_id = a.tenant_id AND j.id = a.upload_id), now()) AS published_at)`;

/** SQL: the fields by which a person proves who they are, and since when by the present value, folded or not. */
export const verificationFieldsOf = (tenantId: string, receiverId: string): string => `(
  SELECT v.verification_field, v.updated_at FROM receivers.verifications v
   WHERE v.tenant_id = ${tenantId} AND v.receiver_id = ${receiverId} AND ${isPublished('v')}
  UNION ALL
  SELECT a.verification_field, p.published_at FROM receivers.arriving_verifications a CROSS JOIN LATERAL ${PUBLICATION} p
   WHERE a.tenant_id = ${tenantId} AND a.receiver_id = ${receiverId} AND ${isOfPublished('a')})`;
