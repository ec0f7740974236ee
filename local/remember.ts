/** A function of a text that remembers its answers. Topics, names and keys are few; a flood of them starts it anew. */
export function remember<T>(compute: (text: string) => T, maxTexts = 10_000): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = compute(text);
    if (answers.size >= maxTexts) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}
