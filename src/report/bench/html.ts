export const benchHtml = (..._: unknown[]): string => '';
