export { Clock, ManualClock } from './clock';
export { csvLine, FORMULA_STARTS } from './csv-line';
export { fieldOf } from './field-of';
export { isId, LOWEST_ID, newId } from './ids';
export { invariant } from './invariant';
export {
  type AmountError,
  amountOf,
  type Asset,
  assetName,
  formatAmount,
  isNative,
  type Money,
  parseAmount,
  sameAsset,
  STROOPS_MAX,
  XLM,
} from './money';
export { err, ok, type Result } from './result';
export { defineStateMachine, type Move, type StateMachine, transitionGrid } from './state-machine';
export { isBaseAddress, isWebAddress } from './web-address';
