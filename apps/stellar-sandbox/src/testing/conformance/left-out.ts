const MARKET =
  'needs offers: this network has no market, and refuses operations on offers with op_not_supported';
const CLAIMABLE = 'needs claimable balances, which this network refuses with op_not_supported';

/** Recorded scenarios that are not replayed, each with its reason. A test checks that nothing else is missing. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  pp_send_ok: MARKET,
  pp_receive_ok: MARKET,
  pp_receive_over_source_max: MARKET,
  pp_send_under_dest_min: MARKET,
  pp_own_offer: MARKET,
  offer_buy_no_trust: MARKET,
  offer_delete_missing: MARKET,
  offer_underfunded: MARKET,
  offer_cross_self: MARKET,
  cb_create_ok: CLAIMABLE,
  cb_create_underfunded: CLAIMABLE,
  cb_create_low_reserve: CLAIMABLE,
  cb_create_no_trust: CLAIMABLE,
  cb_create_dup_claimants: CLAIMABLE,
  cb_claim_missing: CLAIMABLE,
  cb_claim_ok: CLAIMABLE,
  cb_claim_no_trust: CLAIMABLE,
  cb_claim_predicate_unmet: CLAIMABLE,
  cb_claim_not_claimant: CLAIMABLE,
};
