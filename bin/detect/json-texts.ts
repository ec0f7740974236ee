/**
 * Finds whole JSON objects in text that is not one a line: spread over lines, side by side, or in a list. What stands
 * between objects (blanks, commas, a list's brackets) is skipped; anything else there comes out as a text of its own, so
 * that it is refused and not lost.
 */
export interface JsonText {
  readonly text: string;
  /** Where it began. */
  readonly line: number;
}

const between = /[\s,[\]]/;

export class JsonTexts {
  private text = '';
  private begunAt = 0;
  private depth = 0;
  private isQuoted = false;
  private isEscaped = false;

  /** The objects that end in this line. */
  read(line: string, number: number): JsonText[] {
    const found: JsonText[] = [];
    let from = 0;
    for (let i = 0; i < line.length; i++) {
      const char = line[i]!;
      if (this.text === '' && this.depth === 0 && from === i) {
        if (between.test(char)) {
          from = i + 1;
          continue;
        }
        this.begunAt = number;
      }
      const ends = this.step(char);
      if (!ends) continue;
      found.push({ text: this.text + line.slice(from, i + 1), line: this.begunAt });
      this.text = '';
      from = i + 1;
    }
    const rest = line.slice(from);
    if (this.depth === 0 && rest.trim() !== '') found.push({ text: rest, line: number });
    else if (this.depth > 0) this.text += `${rest}\n`;
    return found;
  }

  /** What was begun and never ended. */
  end(): JsonText[] {
    return this.text === '' ? [] : [{ text: this.text, line: this.begunAt }];
  }

  /** Whether this character closes the outermost object. */
  private step(char: string): boolean {
    if (this.isQuoted) {
      if (this.isEscaped) this.isEscaped = false;
      else if (char === '\\') this.isEscaped = true;
      else if (char === '"') this.isQuoted = false;
      return false;
    }
    if (this.depth > 0 && char === '"') this.isQuoted = true;
    else if (char === '{' || (char === '[' && this.depth > 0)) this.depth++;
    else if ((char === '}' || char === ']') && this.depth > 0) return --this.depth === 0;
    return false;
  }
}

/** A first line that opens a list, or an object that goes on below. */
export function opensMoreThanALine(line: string): boolean {
  if (line.startsWith('[')) return true;
  if (!line.startsWith('{')) return false;
  const whole = new JsonTexts();
  return whole.read(line, 1).length === 0 && (line === '{' || /[{[,]$/.test(line));
}
