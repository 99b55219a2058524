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
