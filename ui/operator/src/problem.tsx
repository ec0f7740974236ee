interface Props {
  /** What did not go as it should, where the text alone does not say so. */
  readonly what?: string;
  readonly text: string | null;
}

/** Read out at once; nothing where nothing went wrong. */
export function Problem({ what, text }: Props) {
  if (text === null) return null;
  return (
    <p class="problem" role="alert">
      {what === undefined ? text : `${what}: ${text}`}
    </p>
  );
}
