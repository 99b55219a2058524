/** `http:x` is an address too for whoever reads it as a browser does, and no link that anybody could send. */
export const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:\/\/[^/]/i.test(text);
