/** `http:x` is an address too for whoever reads it as a browser does, and no link that anybody could send. */
export const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:\/\/[^/]/i.test(text);

const BASE_ADDRESS_LENGTH_MAX = 2_048;

/**
 * A web address that paths are put behind: of a host and perhaps a path, with nothing that would take them in or be lost with them
 * (user, query, fragment, white space), at most 2,048 characters.
 */
export const isBaseAddress = (text: string): boolean =>
  text.length <= BASE_ADDRESS_LENGTH_MAX && isWebAddress(text) && !/[\p{C}\s@?#\\]/u.test(text);
