/** Metric math as far as alarms here use it: numbers, metric ids, + - * /, parentheses, FILL(m, x), MAX([…]), SUM([…]). */

/** Undefined where a metric has no data. */
export type MetricMath = (lookUp: (id: string) => number | undefined) => number | undefined;

const tokenPattern = /\s*([A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/(),[\]])/y;

export function compileMetricMath(text: string): MetricMath {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (text.slice(tokenPattern.lastIndex).trim() !== '') {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) throw new Error(`Expression: "${text}" at "${text.slice(at)}" is not modelled here`);
    tokens.push(match[1]!);
  }
  const parser = new MathParser(text, tokens);
  return parser.whole();
}

class MathParser {
  readonly #text: string;
  readonly #tokens: string[];

  constructor(text: string, tokens: string[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  whole(): MetricMath {
    const math = this.#sum();
    if (this.#tokens.length > 0) throw this.#unknown(this.#tokens[0]);
    return math;
  }

  #sum(): MetricMath {
    let left = this.#product();
    while (this.#tokens[0] === '+' || this.#tokens[0] === '-') {
      const sign = this.#tokens.shift() === '+' ? 1 : -1;
      left = combine(left, this.#product(), (a, b) => a + sign * b);
    }
    return left;
  }

  #product(): MetricMath {
    let left = this.#atom();
    while (this.#tokens[0] === '*' || this.#tokens[0] === '/') {
      const isTimes = this.#tokens.shift() === '*';
      // As on AWS a division by zero has no value.
      left = combine(left, this.#atom(), (a, b) => (isTimes ? a * b : b === 0 ? undefined : a / b));
    }
    return left;
  }

  #atom(): MetricMath {
    const token = this.#tokens.shift();
    if (token === '(') {
      const inside = this.#sum();
      this.#expect(')');
      return inside;
    }
    if (token !== undefined && /^\d/.test(token)) return () => Number(token);
    if (token === undefined || !/^[A-Za-z_]/.test(token)) throw this.#unknown(token);
    return this.#tokens[0] === '(' ? this.#call(token) : (lookUp) => lookUp(token);
  }

  #call(name: string): MetricMath {
    this.#expect('(');
    if (name === 'FILL') {
      const metric = this.#sum();
      this.#expect(',');
      const fill = this.#sum();
      this.#expect(')');
      return (lookUp) => metric(lookUp) ?? fill(lookUp);
    }
    if (name !== 'MAX' && name !== 'SUM') throw this.#unknown(name);
    this.#expect('[');
    const items = [this.#sum()];
    while (this.#tokens[0] === ',') {
      this.#tokens.shift();
      items.push(this.#sum());
    }
    this.#expect(']');
    this.#expect(')');
    return (lookUp) => {
      const values = items.map((item) => item(lookUp)).filter((value) => value !== undefined);
      if (values.length === 0) return undefined;
      return name === 'MAX' ? Math.max(...values) : values.reduce((a, b) => a + b, 0);
    };
  }

  #expect(token: string): void {
    if (this.#tokens.shift() !== token) throw this.#unknown(token);
  }

  #unknown(token: string | undefined): Error {
    return new Error(
      `Expression: "${this.#text}" at ${token === undefined ? 'its end' : `"${token}"`} is not modelled here`,
    );
  }
}

const combine =
  (left: MetricMath, right: MetricMath, apply: (a: number, b: number) => number | undefined): MetricMath =>
  (lookUp) => {
    const [a, b] = [left(lookUp), right(lookUp)];
    return a === undefined || b === undefined ? undefined : apply(a, b);
  };
