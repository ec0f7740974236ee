/** Where the account is asked. */
export interface Connection {
  readonly region: string;
}

/** The answer, or undefined where AWS says that there is no such thing. */
export async function exists<T>(sent: Promise<T>, ...missing: readonly string[]): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Error && missing.includes(error.name)) return undefined;
    throw error;
  }
}
