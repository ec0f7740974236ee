interface Life {
  readonly title: string;
  readonly part: string | null;
}

export const nameOf = ({ title, part }: Life): string => (part === null ? title : `${title} ${part}`);

/** A component that may end in several ways stands once, with the way that comes first. The soonest first is expected. */
export const soonestOfEach = <L extends Life>(lives: readonly L[]): L[] =>
  lives.filter((life, i) => lives.findIndex((other) => nameOf(other) === nameOf(life)) === i);
