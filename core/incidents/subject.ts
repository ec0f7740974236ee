/** A subject as SNS takes it: no line breaks, less than 100 characters (API reference, Publish); ASCII, for text messages too. */
export const toSubject = (text: string): string =>
  text
    .replaceAll('°', ' deg ')
    .replaceAll('’', "'")
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/ +/g, ' ')
    .slice(0, 99);
