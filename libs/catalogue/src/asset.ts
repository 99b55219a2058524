/** An asset that the organisation pays with. */
export interface CatalogueAsset {
  readonly id: string;
  readonly code: string;
  /** Empty for XLM. */
  readonly issuer: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}
