/** The syntax tree of a rule: what the parser makes and the compiler reads. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly column: number }
  | { readonly kind: 'not' | 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: Expression }
  | {
      readonly kind: 'case';
      readonly subject: Expression | null;
      readonly branches: readonly CaseBranch[];
      readonly otherwise: Expression | null;
    }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly { readonly key: string; readonly value: Expression }[] }
  | { readonly kind: 'query'; readonly select: Select };

export const comparisons = ['=', '<>', '!=', '<', '<=', '>', '>='] as const;
export const arithmetics = ['+', '-', '*', '/', '%'] as const;
export type BinaryOperator = 'AND' | 'OR' | (typeof comparisons)[number] | (typeof arithmetics)[number];

export interface CaseBranch {
  readonly when: Expression;
  readonly result: Expression;
}

/** One item of a SELECT list; `alias` may be a path (`AS a.b`). A star has no expression. */
export interface SelectItem {
  readonly expression: Expression | 'star';
  readonly alias: readonly string[] | null;
}

export interface Select {
  readonly items: readonly SelectItem[];
  /** SELECT VALUE: the bare value instead of an object. */
  readonly asValue: boolean;
  /** A topic filter for the rule itself, a path into the payload for a nested query; null where left out. */
  readonly from: string | Expression | null;
  readonly where: Expression | null;
}
